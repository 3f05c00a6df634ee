"""Manual 001, 1.5: ensms.ashx, encrypted under the secret; the codes of chapter 9 as numbers.

The extra `sample` is the userid of a customer with an account `test` whose secret is `test`: the manual's own example.
"""

import json
from base64 import encodebytes
from collections.abc import Callable

from hongyan.conformance.case import JSON, Case, RunContext, md5
from hongyan.conformance.http_client import Request
from hongyan.conformance.requests import get, post, raw, urlencoded
from hongyan.formats.text64 import encrypt, key_of

DOOR = "/ensms.ashx"
SAMPLE = (
    "0DqKGm9MWnsFM2wlYEW65VXylBxJGBiuZzP5dTp1ALdK7QaTgx0cR5GftknjiNJBOd46tdJp+6J3OYAoukEBOKlfsExTaFYC7X514PyLC+NrwhDLKYOvFAb7gBo+"
    "dqkslvVJklz4qm7/gUHrHAT2d7hEcQxhDMD+Ij8NIy1kvHqU3noZTqjlC1PaaFYy6zifBr5ND+V4UK0xM7scF/avfVKW/0k16qqVzDDJocRkTz0jqvtJYfo1liuI"
    "2+h2fRkK"
)
"""Text64 of the manual, letter by letter."""


def text64(context: RunContext, changes: dict[str, str], names: dict[str, str], ahead_s: float) -> str:
    """The parameter, in lines of 76 characters as Java's old encoder writes it.

    changes: properties other than usual
    names:   properties that are written otherwise
    """
    stamp = changes.get("Stamp") or context.stamp("%m%d%H%M%S", ahead_s)
    properties = {
        "UserName": context.account,
        "Secret": md5(context.secret + stamp).upper(),
        "Stamp": stamp,
        "Moblie": context.mobile,
        "Text": "我的验证码是：7890。【奥创时代】",
        "Ext": "",
        "SendTime": "",
    }
    properties |= {name: context.fill(value) for name, value in changes.items()}
    text = json.dumps({names.get(name, name): value for name, value in properties.items()})
    return encodebytes(encrypt(text.encode(), key_of(context.secret))).decode()


def encrypted(ahead_s: float = 0, names: dict[str, str] | None = None, **changes: str) -> Callable[[RunContext], Request]:
    """A form with one Text64, which is remembered as $text64."""

    def ask(context: RunContext) -> Request:
        made = context.found["text64"] = text64(context, changes, names or {}, ahead_s)
        return Request(DOOR, urlencoded({"UserId": context.userid, "Text64": made}))

    return ask


def unescaped() -> Callable[[RunContext], Request]:
    """A client that forgot to escape: every + of Base64 arrives as a blank."""
    return lambda context: Request(
        DOOR, f"UserId={context.userid}&Text64={''.join(text64(context, {}, {}, 0).split())}".encode()
    )


def in_query() -> Callable[[RunContext], Request]:
    def ask(context: RunContext) -> Request:
        made = "".join(text64(context, {}, {}, 0).split())
        return get(DOOR, {"UserId": "$userid", "Text64": made})(context)

    return ask


def taken(count: int = 1, errors: str = "", task: str = "@task@") -> str:
    return f'{{"StatusCode":1,"Description":"操作成功","MsgId":"{task}","Amount":@int@,"SuccessCounts":{count},"Errors":[{errors}]}}'


def failed(code: int, words: str, errors: str = "") -> str:
    return f'{{"StatusCode":{code},"Description":"{words}","MsgId":"","Amount":0,"SuccessCounts":0,"Errors":[{errors}]}}'


def _case(claim: str, ask: Callable[[RunContext], Request], answer: str, *needs: str) -> Case:
    return Case("manual 001, 1.5", claim, ask, answer, JSON, needs=needs)


def _code(code: int, words: str, claim: str, ask: Callable[[RunContext], Request], *needs: str) -> Case:
    return Case("manual 001, 9", f"{code}: {claim}", ask, failed(code, words), JSON, needs=needs, code=code)


_BEAN = {"UserName": "userName", "Secret": "secret", "Stamp": "stamp", "Moblie": "moblie", "Text": "text", "Ext": "ext"}

ENCRYPTED = (
    _case("a form", encrypted(), taken()),
    _case("a Text64 that comes again gets the first answer", post(DOOR, {"UserId": "$userid", "Text64": "$text64"}), taken(task="$task")),
    _case("everything in the query", in_query(), taken()),
    _case("two numbers count two", encrypted(Moblie="$mobile,$mobile2"), taken(2)),
    _case("a number that is none is listed", encrypted(Moblie="$mobile,12345"), taken(errors='"12345 错误的手机号码"')),
    _case("properties in another case, as a Java bean writes them", encrypted(names=_BEAN), taken()),
    _case("Mobile spelled well", encrypted(names={"Moblie": "Mobile"}), taken()),
    _case("Base64 that nobody escaped", unescaped(), taken()),
    _case("the manual's Text64 with its old stamp", post(DOOR, {"UserId": "$sample", "Text64": SAMPLE}), failed(1010, "时间戳错误"), "sample"),
    _code(1001, "参数错误", "a SendTime that is none", encrypted(SendTime="tomorrow")),
    _code(1002, "用户名为空", "no UserName", encrypted(UserName="")),
    _code(1003, "密码为空", "no Secret", encrypted(Secret="")),
    _code(1004, "用户名错误", "a UserName that is none", encrypted(UserName="no such account")),
    _code(1005, "密码错误", "a Secret that is wrong", encrypted(Secret="0" * 32)),
    _code(1008, "UserId参数错误", "no UserId", post(DOOR, {"Text64": "$text64"})),
    _code(1008, "UserId参数错误", "a UserId with letters", post(DOOR, {"UserId": "12a", "Text64": "$text64"})),
    _code(1009, "Text64参数错误", "no Base64", post(DOOR, {"UserId": "$userid", "Text64": "!!"})),
    _code(1009, "Text64参数错误", "Base64 that nobody encrypted", post(DOOR, {"UserId": "$userid", "Text64": "AAAAAAAAAAA="})),
    _code(1009, "Text64参数错误", "no Text64", raw(DOOR, "UserId=$userid")),
    _code(1010, "时间戳错误", "a Stamp of six minutes ago", encrypted(-360)),
    _code(1010, "时间戳错误", "a Stamp that is none", encrypted(Stamp="now")),
    _code(2001, "内容为空", "no Text", encrypted(Text="")),
    _code(1103, "手机号码为空", "no Moblie", encrypted(Moblie="")),
    _code(1104, "扩展错误", "an Ext with letters", encrypted(Ext="1a")),
    _code(2105, "内容太长", "a Text too long", encrypted(Text="长" * 3_000)),
    Case("decided, 7.7", "1108: a number that is none is listed too", encrypted(Moblie="12345"), failed(1108, "错误的手机号码", '"12345 错误的手机号码"'), JSON, code=1108),
    Case("decided, 7.7", "SendTime 0 is at once", encrypted(SendTime="0"), taken(), JSON),
)  # fmt: skip
