"""Listeners: ports to which customers connect as to a carrier. They are rows and can change while the platform runs."""

from dataclasses import dataclass
from typing import ClassVar

from hongyan.model.fields import Change, described
from hongyan.model.kinds import FLAG, NETWORKS, number, pattern, word
from hongyan.model.names import NAME
from hongyan.model.session_settings import SessionProtocol


@dataclass(frozen=True, slots=True)
class Listener:
    id: int
    name: str
    protocol: SessionProtocol
    address: str = "0.0.0.0"  # noqa: S104  customers come from anywhere unless the operator says otherwise
    port: int = 0  # required, so it has no usual value
    tls: bool = False  # with the certificate of the doors
    ip_list: tuple[str, ...] = ()  # addresses or networks that may connect; empty admits all
    connections_most: int = 1000  # connections at the same time, in one process
    login_within_s: int = 10  # a connection that has not logged in by then is closed
    idle_after_s: int = 60  # after so much silence the peer is asked for a sign of life
    answer_within_s: int = 30  # a delivery that is not answered by then is due again
    is_stopped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerOpening(Change):
    """The values of a listener that are set once, when it is added."""

    name: str | None = described("What it is called here; it cannot be changed.", NAME, is_required=True)
    protocol: SessionProtocol | None = described("What is spoken there.", word(SessionProtocol), is_required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerChange(Change):
    """The settings of a listener that can be changed."""

    thing: ClassVar[type] = Listener

    address: str | None = described("Address to listen at.", pattern("give an address of this machine", r"[0-9a-f.:%]{2,45}"))
    port: int | None = described("Port to listen at.", number(1, 65_535))
    tls: bool | None = described("Whether connections are encrypted, with the certificate of the doors.", FLAG)
    ip_list: tuple[str, ...] | None = described(
        "Address or network that may connect; may be repeated. None: all may.", NETWORKS
    )
    connections_most: int | None = described("Connections at once in one process.", number(1, 100_000))
    login_within_s: int | None = described("Seconds within which a connection must log in.", number(1, 600))
    idle_after_s: int | None = described("Seconds of silence before the peer is asked whether it lives.", number(1, 3600))
    answer_within_s: int | None = described("Seconds that the peer may take for an answer.", number(1, 600))
    is_stopped: bool | None = described("Whether nobody may connect.", FLAG)
