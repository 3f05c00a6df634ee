"""A case: one line of the contract, the request that tries it, and the answer that it must get, octet by octet.

Expected answers are written out as the manuals print them. In them `@name@` stands for what differs between runs (below),
and `$name` for what the kit knows: the account, its secret, the numbers, and values of earlier answers.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from string import Template

from hongyan.conformance.http_client import Request

CHINA = timezone(timedelta(hours=8))

XML = "text/xml; charset=utf-8"
XML_GBK = "text/xml; charset=gb2312"
JSON = "application/json; charset=utf-8"

_DIFFERS = {
    "int": r"-?\d+",
    "count": r"\d+",
    "task": r"(?P<task>\d{16})",  # remembered as $task
    "number": r"(?P<task>\d{1,18})",  # a task of the platform of manual 000, remembered too
    "sms": r"(?P<sms>[0-9a-zA-Z]{32})",  # remembered as $sms
    "time": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
    "word": r"[^<\"]*",
    "attributes": r"[^<>]*",
    "no_errors": r"<Errors(?: ?/>|></Errors>)",
    "any": r".*",
}
_TOKEN = re.compile(r"@(\w+)@")


@dataclass(slots=True)
class RunContext:
    """What the kit knows while it runs."""

    account: str
    secret: str = field(repr=False)
    userid: str
    mobile: str
    mobile2: str
    extras: Mapping[str, str] = field(default_factory=dict)  # named by the operator, such as a stopped account
    found: dict[str, str] = field(default_factory=dict)  # in earlier answers

    @property
    def words(self) -> dict[str, str]:
        """Returns everything that `$name` may stand for."""
        return {
            "account": self.account,
            "secret": self.secret,
            "userid": self.userid,
            "mobile": self.mobile,
            "mobile2": self.mobile2,
            "md5": md5(self.secret).upper(),
            **self.extras,
            **self.found,
        }

    def fill(self, text: str) -> str:
        return Template(text).safe_substitute(self.words)

    def stamp(self, form: str, ahead_s: float = 0) -> str:
        """Returns the present in China."""
        return (datetime.now(CHINA) + timedelta(seconds=ahead_s)).strftime(form)


@dataclass(frozen=True, slots=True)
class Push:
    """A post that the server must send to the kit's listener.

    bodies:     whole, in any order, one for each request
    is_refused: the first is answered with `error`, and must come again unchanged
    """

    bodies: tuple[str, ...]
    media: str = XML
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """clause: where it is said, such as "manual 001, 1.2"
    claim:    what is tried
    answer:   the whole body
    needs:    names of extras without which it cannot be tried
    code:     the ResultCode of manual 001, chapter 9, that it covers
    within_s: how long it is asked again until the answer fits
    push:     what follows the answer
    """

    clause: str
    claim: str
    ask: Callable[[RunContext], Request]
    answer: str
    media: str = XML
    charset: str = "utf-8"
    status: int = 200
    needs: tuple[str, ...] = ()
    code: int = 1
    within_s: float = 0
    push: Push | None = None


def expectation(body: str, context: RunContext) -> re.Pattern[str]:
    """Returns the pattern of a whole body."""
    pieces = _TOKEN.split(context.fill(body))
    pattern = "".join(_DIFFERS[piece] if place % 2 else re.escape(piece) for place, piece in enumerate(pieces))
    return re.compile(pattern, re.DOTALL)


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
