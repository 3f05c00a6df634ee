"""What a door reads of a request: its parameters, and who sends it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hongyan.formats.form import GBK, KEEP, UTF8, Form, declared_charset, read_form
from hongyan.http.asgi import Receive, Scope, read_body
from hongyan.http.request import HttpRequest
from hongyan.model.account import Account
from hongyan.ports.guard import Guard

BODY_OCTETS = 2 * 1024 * 1024
"""The most octets of one body, unless the door has its own limit; 100,000 numbers with escaped commas take 1.4 MB."""


@dataclass(slots=True)
class Request:
    form: Form
    address: str  # of the client, also behind our own proxies
    headers: Mapping[bytes, bytes] = field(default_factory=dict)  # names in lower case
    method: str = "POST"  # or GET
    scheme: str = "http"  # or https
    body: bytes = b""  # if the door reads it itself
    guard: Guard | None = None  # counts wrong secrets; set by DoorApp
    unread: tuple[bytes, bytes] | None = None  # query and body, if they do not fit the charset of the door
    sender: Account | None = None  # set once the request has proved it

    def value(self, name: str) -> str:
        """Returns a parameter by its name in lower case; "" if it is missing."""
        return self.form.get(name, "")

    @property
    def host(self) -> str:
        return self.headers.get(b"host", b"").decode("latin-1")

    @property
    def content_type(self) -> bytes:
        return self.headers.get(b"content-type", b"")

    def in_gbk(self) -> Form | None:
        """Returns the parameters read as GBK; None if they fitted their charset, or are not valid GBK."""
        if self.unread is None:
            return None
        try:
            return read_form(*self.unread, self.content_type, GBK)
        except UnicodeDecodeError:
            return None

    @property
    def reference(self) -> str:
        """Returns the client's reference of this request: its parameter, else the header."""
        named = self.form.get("clientref", "").strip()
        return named or self.headers.get(b"idempotency-key", b"").decode("latin-1").strip()

    @property
    def account(self) -> str:
        """Returns the account named; clients put blanks around it."""
        return self.form.get("account", "").strip()

    @property
    def action(self) -> str:
        """Returns the action in lower case; some clients write `action=action=send` (wire contract, 3.3)."""
        return self.form.get("action", "").rpartition("=")[2].strip().lower()


async def read_request(scope: Scope, receive: Receive, charset: str, body_octets: int = BODY_OCTETS) -> Request:
    """Read a whole request. Raises BodyTooLarge, if possible before anything of the body is read, and ClientGone.

    charset: of the parameters if they declare none; without one the body is left to the door
    """
    headers = dict(scope["headers"])
    body = await read_body(scope, receive, body_octets)
    if not charset:
        return Request({}, scope["client"][0], headers, scope["method"], scope["scheme"], body)
    form, unread = _read(scope["query_string"], body, headers.get(b"content-type", b""), charset)
    return Request(form, scope["client"][0], headers, scope["method"], scope["scheme"], unread=unread)


def whole_request(http: HttpRequest, body: bytes, charset: str) -> Request:
    """Returns the same for a request that was read in whole, at a door whose parameters have a charset."""
    given = http.head.given
    form, unread = _read(http.query, body, given.get(b"content-type", b""), charset)
    return Request(form, http.client[0], given, http.method, http.scheme, unread=unread)


def _read(query: bytes, body: bytes, declared: bytes, charset: str) -> tuple[Form, tuple[bytes, bytes] | None]:
    """Returns the parameters, and the octets if some of them could not be decoded."""
    try:
        return read_form(query, body, declared, charset), None
    except UnicodeDecodeError:
        form = read_form(query, body, declared, charset, KEEP)
        return form, (query, body) if charset == UTF8 and not declared_charset(declared) else None
