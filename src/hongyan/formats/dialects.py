"""The words of the platforms whose customers we serve. A dialect is data; `returnsms` has the shapes of answers.

`refusals` has the words of refusals; `pull_remarks` are those that the pulls share.
source: manual 001 (HX), manual 000 (WL); wire contract, 2, 3 and 7
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Dialect:
    """The words of one platform.

    sucess: the success word of XML overage, spelled as the platform spells it
    no_task: `taskID` of a submission that failed
    pull_remarks: remarks of `errorstatus` 1 to 4
    has_keywords, has_none: answers to a keyword check; manual 001 has no such check, and its door uses the same words
    overage: the element that holds the balance
    has_bare_messages: a keyword check, and an XML pull that failed, is answered with a `message` and nothing else
    refuses_sql: texts that read like an SQL statement are refused
    """

    success: str
    failed: str
    sucess: str
    sent: str
    overage_found: str
    no_task: str
    prepaid: str
    postpaid: str
    prepaid_json: str
    postpaid_json: str
    pulled: str
    pull_remarks: tuple[str, str, str, str]
    has_keywords: str = "包含非法字符"
    has_none: str = "没有包含屏蔽词"
    overage: str = "overage"
    has_bare_messages: bool = False
    refuses_sql: bool = False


_REMARKS = ("用户名或密码不能为空", "用户名或密码错误", "该用户不允许查看状态报告", "参数不正确")

HX = Dialect(
    success="Success", failed="Faild", sucess="Sucess",
    sent="操作成功", overage_found="操作成功", no_task="",
    prepaid="预付费", postpaid="后付费", prepaid_json="预付", postpaid_json="后付",
    pulled="成功", pull_remarks=_REMARKS,
)  # fmt: skip
WL = Dialect(
    success="Success", failed="Faild", sucess="Sucess",
    sent="ok", overage_found="", no_task="0",
    prepaid="预付费", postpaid="后付费", prepaid_json="预付", postpaid_json="后付",
    pulled="成功", pull_remarks=_REMARKS, refuses_sql=True,
)  # fmt: skip
WL_EN = Dialect(
    success="Success", failed="Failure", sucess="Success",
    sent="ok", overage_found="", no_task="0",
    prepaid="预付费", postpaid="后付费", prepaid_json="预付", postpaid_json="后付",
    pulled="成功",
    pull_remarks=(
        "User name or password cannot be empty", "User name or password error",
        "This user is not allowed to view status reports", "parameter is incorrect",
    ),
    has_keywords="Contains illegal characters", has_none="Does not contain illegal characters", refuses_sql=True,
)  # fmt: skip

WL_000 = replace(WL_EN, overage="overview", has_bare_messages=True)

CLEAN_TEXTS: Mapping[str, str] = {"screened": WL.has_none, "illegal": "未包含非法字符", "english": WL_EN.has_none}
"""Other words for `has_none`, by the names under which a site chooses them (wire contract, 3.3 and 7.7)."""

DIALECTS: Mapping[str, Dialect] = {
    "hx": HX,
    "wl": WL,
    "wl-en": WL_EN,
    "wl-000": WL_000,
    "ls": replace(WL, refuses_sql=False),  # its customers submit by WL's protocol (wire contract, 4.1)
}
