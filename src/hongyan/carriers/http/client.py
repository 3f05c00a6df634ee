"""Requests to another platform: bounded in time and in the octets of an answer, without redirects, and without exceptions."""

from dataclasses import dataclass

from hongyan.http.client import Client, Limits
from hongyan.http.resolver import SystemResolver
from hongyan.model.translatable import Translatable
from hongyan.wire.aspx.codec import MOST_OCTETS

_HEADERS = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
_AT_ONCE_MOST = 1_000  # connections; window and connections of the channel say how many there are
_THREADS = 2  # one name is looked up


@dataclass(frozen=True, slots=True)
class Response:
    """The answer to a request, or the reason why there is none."""

    body: bytes = b""
    status: int = 0  # of HTTP; 0: there was no answer
    was_sent: bool = True  # whether the platform may have it
    trouble: str = ""

    @property
    def is_good(self) -> bool:
        return self.status == 200


class HttpClient:
    """Opened and used on one event loop."""

    def __init__(self) -> None:
        self._client: Client | None = None

    async def open(self) -> None:
        limits = Limits(connections=_AT_ONCE_MOST, connections_per_host=_AT_ONCE_MOST)
        self._client = Client(limits, resolver=SystemResolver(_THREADS))

    async def close(self) -> None:
        if self._client is not None:
            self._client.close()

    async def post(self, url: str, body: bytes, within_s: float) -> Response:
        assert self._client is not None
        reply = await self._client.post(url, body, _HEADERS, within_s=within_s, answer_octets=MOST_OCTETS)
        if reply.status:
            return Response(reply.body, reply.status, trouble=_trouble_of(reply.status))
        return Response(was_sent=reply.was_sent, trouble=Translatable.of(reply.trouble))


def _trouble_of(status: int) -> str:
    return "" if status == 200 else Translatable("HTTP status {status}", status=status)
