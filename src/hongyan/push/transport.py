"""POSTs to customers' servers: to public addresses, or also to private ones if the operator allows an account that.

An address is judged when the socket for it is made. Connections of accounts that may push to private addresses have a pool of
their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hongyan.http.client import Client, Reply
from hongyan.http.client import Limits as ClientLimits
from hongyan.http.http_trouble import HttpTrouble
from hongyan.http.resolver import Resolver, SystemResolver
from hongyan.push.address import is_public


@dataclass(frozen=True, slots=True)
class Limits:
    connect_s: float = 5.0
    total_s: float = 10.0  # from the look-up of the name until the answer is read
    answer_octets: int = 2_048
    connections: int = 1_000  # half of them to private addresses
    connections_per_host: int = 8


class Transport:
    """Connections to customers' servers. Opened and used on one event loop; `resolver` looks names up."""

    def __init__(self, limits: Limits, resolver: Resolver | None = None) -> None:
        self._limits = limits
        self._resolver = resolver

    async def open(self) -> None:
        resolver, limits = self._resolver or SystemResolver(), self._limits
        bounds = ClientLimits(
            limits.connect_s, connections=max(1, limits.connections // 2), connections_per_host=limits.connections_per_host
        )
        self._outside = Client(bounds, resolver=resolver, judge=_judge)
        self._anywhere = Client(bounds, resolver=resolver)

    async def close(self) -> None:
        """Break off what is under way."""
        self._outside.close()
        self._anywhere.close()

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], *, may_go_inside: bool) -> Reply:
        """POST a body. A redirect is an answer like any other and is not followed."""
        client, limits = self._anywhere if may_go_inside else self._outside, self._limits
        return await client.post(url, body, headers, within_s=limits.total_s, answer_octets=limits.answer_octets)


def _judge(address: str) -> str:
    return "" if is_public(address) else HttpTrouble("not a public address, and the account may push to no other")
