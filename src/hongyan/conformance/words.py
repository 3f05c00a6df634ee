"""The words of manual 000, in its languages.

Its errors in Chinese are those of other copies of the page, its English is the manual's own.
"""

from dataclasses import dataclass, replace

from hongyan.conformance.answers import checked, overage, pull_error, refused_overage, returnsms


@dataclass(frozen=True, slots=True)
class Words:
    """The words of the manual in one of its languages."""

    failed: str
    sucess: str
    empty: str
    wrong: str
    no_number: str
    no_content: str
    illegal: str
    sql: str
    balance: str
    other: str
    has_keywords: str
    has_none: str
    bad_parameter: str
    balance_in: str = "overage"  # the element that holds the balance
    errors_in_message: bool = False  # the pulls have it instead of errorstatus, and a keyword check has nothing else

    def balance_found(self) -> str:
        return overage("", self.sucess, element=self.balance_in)

    def no_balance(self, why: str) -> str:
        return refused_overage(why, self.failed, self.balance_in)

    def checked(self, message: str) -> str:
        return returnsms(f"<message>{message}</message>") if self.errors_in_message else checked(message)

    def no_reports(self, number: int, why: str) -> str:
        return returnsms(f"<message>{why}</message>") if self.errors_in_message else pull_error(number, why)


CHINESE = Words(
    failed="Faild",
    sucess="Sucess",
    empty="用户名或密码不能为空",
    wrong="用户名或密码错误",
    no_number="短信号码不能为空",
    no_content="短信内容不能为空",
    illegal="包含非法字符：",
    sql="发送内容包含sql注入字符",
    balance="对不起，您当前要发送的量大于您当前余额",
    other="其他错误",
    has_keywords="包含非法字符",
    has_none="没有包含屏蔽词",
    bad_parameter="参数不正确",
)
ENGLISH = Words(
    failed="Failure",
    sucess="Success",
    empty="User name or password cannot be empty",
    wrong="User name or password error",
    no_number="SMS number cannot be empty",
    no_content="SMS content cannot be empty",
    illegal="Contains illegal characters:",
    sql="The sent content contains sql injection characters",
    balance="Sorry, the amount you want to send is greater than your current balance",
    other="Other errors",
    has_keywords="Contains illegal characters",
    has_none="Does not contain illegal characters",
    bad_parameter="parameter is incorrect",
)

LITERAL = replace(ENGLISH, balance_in="overview", errors_in_message=True)
"""The page to the letter."""
