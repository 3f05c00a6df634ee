"""Reports and replies posted to the customer: manual 001, chapter 6, and manual 002.

The extras `pushed` and `pushed_json` are accounts that post to the kit's listener in XML and, with the words of manual 002's platform, in JSON. Messages
to `failing` are not delivered, and `replying` writes back.
"""

from hongyan.conformance.answers import reply, report, sent
from hongyan.conformance.case import JSON, Case, Push
from hongyan.conformance.hx import SEND
from hongyan.conformance.requests import post

_MEDIA = "application/json;charset=utf-8"  # manual 002: no blank

_SENT_JSON = '{"respCode":"00000","failCount":"0","failList":[],"smsId":"@sms@"}'
_REPLY_JSON = '{"phone":"$replying","content":"@word@","MOTime":"@time@","MOPort":"@count@"}'


def _receipt(mobile: str, status: str = "0", word: str = "", time: str = "@time@") -> str:
    """Manual 002: all values are strings; a time stands for what arrived, a word for what did not."""
    return (
        f'{{"smsResult":[{{"smsId":"$sms","phone":"{mobile}","status":"{status}","respMessage":"{word}","receiveTime":"{time}",'
        '"chargingNum":"1"}]}'
    )


def _xml(claim: str, mobile: str, *bodies: str, is_refused: bool = False, needs: tuple[str, ...] = ()) -> Case:
    ask = post("/sms.aspx", SEND | {"account": "$pushed", "mobile": mobile})
    return Case("manual 001, 6", claim, ask, sent(), needs=("pushed", *needs), push=Push(bodies, is_refused=is_refused))


def _json(claim: str, mobile: str, *bodies: str, is_refused: bool = False, needs: tuple[str, ...] = ()) -> Case:
    ask = post("/smsJson.aspx", SEND | {"account": "$pushed_json", "mobile": mobile})
    push = Push(bodies, _MEDIA, is_refused)
    return Case("manual 002", claim, ask, _SENT_JSON, JSON, needs=("pushed_json", *needs), push=push)


PUSHES = (
    _xml("a report is posted", "$mobile", report()),
    _xml("the report of what did not arrive", "$failing", report("$failing", status=20, code="@word@"), needs=("failing",)),
    _xml("a report that is answered with `error` comes again", "$mobile", report(), is_refused=True),
    _xml("a reply is posted", "$replying", report("$replying"), reply("$replying"), needs=("replying",)),
    _json("a receipt is posted", "$mobile", _receipt("$mobile")),
    _json("the receipt of what did not arrive", "$failing", _receipt("$failing", "1", "@word@", ""), needs=("failing",)),
    _json("a receipt without respCode 00000 comes again", "$mobile", _receipt("$mobile"), is_refused=True),
    _json("a reply is posted", "$replying", _receipt("$replying"), _REPLY_JSON, needs=("replying",)),
)
