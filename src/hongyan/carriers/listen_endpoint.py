"""Where a channel listens for its carrier, and who may connect and log in there.

channel options
listen_port    where to listen; 0 or none: nowhere
listen_host    0.0.0.0
allow_ip       addresses and networks by comma; by default the channel's own host, if that is an address
listen_user    the user who may log in with the channel's secret; by default the channel's user
listen_idle_s  a connection that is silent for so long is closed (600)
"""

import hmac
from dataclasses import dataclass
from ipaddress import ip_address

from hongyan.adapters.options import WrongOption, number_of
from hongyan.http.address import Network, is_within, networks, plain_address
from hongyan.model.channel import Channel
from hongyan.model.translatable import Translatable
from hongyan.wire.sgip.pdu import Bind, LoginType, Result

_IDLE_S = 600
NOT_LISTED = Translatable("its address is not in allow_ip")


@dataclass(frozen=True, slots=True)
class ListenEndpoint:
    """Where a channel listens, and who may log in."""

    host: str
    port: int
    allowed: tuple[Network, ...]
    user: str
    secret: str
    idle_s: float

    def is_allowed(self, peer: str) -> bool:
        return bool(peer) and is_within(plain_address(peer), self.allowed)

    def judge(self, login: Bind, peer: str) -> tuple[Result, str]:
        """Returns the result of a login, and the reason for our log."""
        if not self.is_allowed(peer):  # the list may have changed since it connected
            return Result.BAD_LOGIN, NOT_LISTED
        if login.login_type != LoginType.SMG:
            return Result.BAD_LOGIN_TYPE, Translatable("login type {type}, not 2", type=login.login_type)
        if not (_is_same(login.login_name, self.user) and _is_same(login.login_password, self.secret)):
            return Result.BAD_LOGIN, Translatable("wrong name or password")
        return Result.OK, ""


def read_endpoint(channel: Channel) -> ListenEndpoint | None:
    """Returns None if the channel does not listen. raises: WrongOption"""
    option = channel.options.get
    port = number_of(channel, "listen_port", 0)
    if not port:
        return None
    user = option("listen_user") or channel.user
    idle_s = number_of(channel, "listen_idle_s", _IDLE_S)
    host = option("listen_host", "0.0.0.0")  # noqa: S104 - as the operator set it
    return ListenEndpoint(host, port, allowed(option("allow_ip", ""), channel.host), user, channel.secret, idle_s)


def allowed(addresses: str, host: str) -> tuple[Network, ...]:
    """Returns option `allow_ip`; by default the host, if that is an address. raises: WrongOption"""
    listed = [one for one in addresses.split(",") if one.strip()]
    try:
        return networks(listed or [str(ip_address(host))])
    except ValueError:
        raise WrongOption(
            "{option} lists addresses and networks by comma, and is needed where the host is a name", option="allow_ip"
        ) from None


def _is_same(theirs: str, ours: str) -> bool:
    return hmac.compare_digest(theirs.encode(), ours.encode())
