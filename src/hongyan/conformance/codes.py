"""Manual 001, chapter 9: results that need more than one account; the operator names what is there.

stopped: an account that is stopped; bound: one with a list of addresses, not ours; poor: one without points; unrouted: one
without a channel; bare: one that has not the product SMS; signed: one whose texts need a signature, approved: an approved one; all
of the same customer and with the same secret as the account under trial. For that: unserved, a number for which it has no
channel; listed, a number that is black-listed; word, a word that its texts may not have
"""

from hongyan.conformance.answers import pull_error, refused
from hongyan.conformance.case import JSON, Case
from hongyan.conformance.encrypted import encrypted, failed
from hongyan.conformance.hx import QUERY, SEND
from hongyan.conformance.requests import post


def _codes(code: int, message: str, claim: str, need: str, *, listed: str = "", **changed: str) -> tuple[Case, ...]:
    """The case at sms.aspx, in words, and at ensms.ashx, as a number; Errors of the latter list the number that was to blame."""
    inside = {"account": "UserName", "mobile": "Moblie", "content": "Text"}
    errors = f'"{listed} {message}"' if listed else ""
    ask = encrypted(0, None, **{inside[name]: value for name, value in changed.items()})
    return (
        Case(
            "manual 001, 9", f"{code}: {claim}", post("/sms.aspx", SEND | changed), refused(message), needs=(need,), code=code
        ),
        Case(
            "manual 001, 9", f"{code}: {claim}, encrypted", ask, failed(code, message, errors), JSON, needs=(need,), code=code
        ),
    )


CODES = (
    Case("manual 001, 4.5", "1005: the secret is wrong", post("/statusJsonApi.aspx", QUERY | {"password": "no such secret"}), '{"error":"1005","remark":"密码错误","statusbox":[]}', JSON, code=1005),
    Case("manual 001, 4.5", "1006: another address", post("/statusJsonApi.aspx", QUERY | {"account": "$bound"}), '{"error":"1006","remark":"IP绑定错误","statusbox":[]}', JSON, needs=("bound",), code=1006),
    Case("manual 001, 4.4", "3: a stopped account", post("/statusApi.aspx", QUERY | {"account": "$stopped"}), pull_error(3, "该用户不允许查看状态报告"), needs=("stopped",), code=1007),
    *_codes(1006, "IP绑定错误", "another address", "bound", account="$bound"),
    *_codes(1007, "帐户已停用", "a stopped account", "stopped", account="$stopped"),
    *_codes(1106, "没有发送通道", "an account without a channel", "unrouted", listed="$mobile", account="$unrouted"),
    *_codes(1109, "黑名单的手机号码", "a number that is black-listed", "listed", listed="$listed", mobile="$listed"),
    *_codes(1110, "没有通道的手机号码", "a number that no channel serves", "unserved", listed="$unserved", mobile="$unserved"),
    *_codes(1111, "额度不足", "an account without points", "poor", account="$poor"),
    *_codes(1112, "没有配置产品", "an account without the product", "bare", account="$bare"),
    *_codes(2107, "敏感词汇", "a word that is not allowed", "word", content="$word【腾飞】"),
    *_codes(2113, "需要签名", "no signature", "signed", account="$signed", content="您的验证码：1439"),
    *_codes(2114, "签名错误", "a signature that is not approved", "approved", account="$approved", content="您的验证码：1439【没有的】"),
)  # fmt: skip
