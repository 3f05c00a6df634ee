"""Manual 001, chapter 7: pwd.aspx; and changespwd of manual 000's platform.

The extra `changing` is an account of the same customer whose secret is changed, there and back; it begins and ends with that of the
account under trial.
"""

from hongyan.conformance.answers import returnsms, sent
from hongyan.conformance.case import Case
from hongyan.conformance.hx import LOGIN, SEND
from hongyan.conformance.requests import Fields, post

_THERE = "hongyan-20261125"  # up to 20 characters
_WHO = {"account": "$changing"}


def changed(status: str = "Sucess", message: str = "操作成功") -> str:
    """Manual 001, 7.3"""
    return returnsms(f"<returnstatus>{status}</returnstatus>", f"<message>{message}</message>")


def _case(claim: str, changes: Fields, answer: str, code: int = 1) -> Case:
    ask = post("/pwd.aspx", {**LOGIN, **_WHO, "newpassword": _THERE, **changes})
    return Case("manual 001, 7", claim, ask, answer, needs=("changing",), code=code)


SECRET = (
    _case("a new secret of 21 characters", {"newpassword": "x" * 21}, changed("Faild", "参数错误"), 1001),
    _case("no new secret", {"newpassword": ""}, changed("Faild", "参数错误"), 1001),
    _case("no old secret", {"password": ""}, changed("Faild", "用户名或密码不能为空"), 1003),
    _case("an old secret that is wrong", {"password": "no such secret"}, changed("Faild", "用户名或密码错误"), 1005),
    _case("another secret: Sucess is spelled so here too", {}, changed()),
    Case("manual 001, 7", "the new secret is taken", post("/sms.aspx", {**SEND, **_WHO, "password": _THERE}), sent(), needs=("changing",)),
    _case("and back again", {"password": _THERE, "newpassword": "$secret"}, changed()),
    Case("manual 000's platform", "changespwd: two that differ", post("/sms.aspx", {**LOGIN, **_WHO, "action": "changespwd", "newpwd": "a", "renewpwd": "b"}), changed("Faild", "参数错误"), needs=("changing",), code=1001),
)  # fmt: skip
