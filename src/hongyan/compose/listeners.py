"""The ports of a process, with the bounds of the settings."""

import errno
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from hongyan.compose.certificate import Certificate
from hongyan.compose.descriptors import Shares
from hongyan.compose.troubles import AlreadyInUse
from hongyan.doors.app import customers_app
from hongyan.doors.door_app import Observe
from hongyan.doors.router import Router
from hongyan.http.asgi import App
from hongyan.http.connection_shares import ConnectionShares, KnownAddresses
from hongyan.http.server import CannotListen, Listener, TlsFiles, listening
from hongyan.http.state import Limits
from hongyan.http.strangers import Strangers
from hongyan.i18n import N_, system_reason
from hongyan.ports.clock import Clock
from hongyan.ports.customer_api import CustomerApi
from hongyan.ports.guard import Guard
from hongyan.services.admit import admit, admit_in_batches
from hongyan.settings.settings import Settings

OPS_LIMITS = Limits(connections=64, head_octets=16 * 1024, body_octets=4 * 1024 * 1024, reading_octets=8 * 1024 * 1024)


_ADDRESS = N_("choose an address of this machine; 0.0.0.0 is all of IPv4, :: all of IPv6")
_CURES = {
    errno.EADDRINUSE: N_("choose another port, or end the program that has it"),
    errno.EACCES: N_("choose a port from 1024 on, or give the service the right to lower ones (CAP_NET_BIND_SERVICE)"),
    errno.EADDRNOTAVAIL: _ADDRESS,
    socket.EAI_NONAME: _ADDRESS,
}
_OTHER_CURE = N_("mend what [listen] of the configuration says: hongyan config show")


Sockets = Sequence[socket.socket]


class AnyListener(Protocol):
    """A listener that is opened, started and stopped with a process."""

    @property
    def port(self) -> int: ...

    async def open(self) -> None: ...

    async def start(self) -> None: ...

    def reload_certificate(self) -> None: ...

    async def stop(self, drain_s: float) -> int: ...


@contextmanager
def port_troubles() -> Iterator[None]:
    """Reports in one line that a port cannot be opened. raises: AlreadyInUse"""
    try:
        yield
    except CannotListen as error:
        raise AlreadyInUse(
            "cannot listen on {host}:{port}: {reason}",
            _CURES.get(error.errno or 0, _OTHER_CURE),
            host=error.host or "*",
            port=error.port,
            reason=system_reason(error.reason),
        ) from error


def open_doors(settings: Settings) -> Sequence[Sockets]:
    """Opens the doors' ports for a process that will be forked; returns the sockets of each, in the order of `door_listeners`.

    raises: AlreadyInUse
    """
    listen = settings.listen
    with port_troubles():
        return [listening(listen.host, port, reuse_port=listen.reuse_port) for port in _door_ports(settings)]


def _door_ports(settings: Settings) -> dict[int, TlsFiles | None]:
    listen = settings.listen
    ports: dict[int, TlsFiles | None] = {listen.port: None}
    if listen.tls_port:
        ports[listen.tls_port] = tls_files(settings)
    return ports


def doors_app(settings: Settings, api: CustomerApi, now_ms: Clock, guard: Guard, observe: Observe) -> Router:
    """Returns the customers' doors, over the store's lane or over the way to another process."""
    limits = settings.limits
    return customers_app(
        api,
        admit,
        admit_in_batches,
        now_ms,
        observe=observe,
        pulls_minute=limits.pulls_minute,
        stamp_hours=limits.v2_stamp_hours,
        guard=guard,
    )


def door_listeners(
    settings: Settings,
    app: Router,
    shares: Shares,
    known: KnownAddresses,
    strangers: Strangers,
    sockets: Sequence[Sockets] = (),
) -> Sequence[Listener]:
    """Returns the customers' doors, plain and over TLS; their connections are counted together, and the faults of
    strangers.

    sockets: of each, if the ports are open already
    """
    listen, limits = settings.listen, settings.limits
    bounds = Limits(
        head_octets=limits.header_octets,
        body_octets=limits.body_octets,
        reading_octets=limits.reading_octets,
        head_timeout_s=limits.head_timeout_s,
        body_grace_s=limits.body_timeout_s,
    )
    connections = ConnectionShares(shares.doors, limits.address_connections, limits.network_connections, known)
    ports = _door_ports(settings)
    return [
        Listener(
            app,
            listen.host,
            port,
            direct=app.direct,
            tls=files,
            trusted=listen.trusted_proxies,
            limits=bounds,
            reuse_port=listen.reuse_port,
            shares=connections,
            strangers=strangers,
            sockets=opened,
        )
        for (port, files), opened in zip(ports.items(), sockets or [()] * len(ports), strict=True)
    ]


def ops_listener(settings: Settings, app: App) -> Listener:
    listen = settings.listen
    tls = tls_files(settings) if listen.ops_tls else None
    return Listener(app, listen.ops_host, listen.ops_port, tls=tls, trusted=listen.trusted_proxies, limits=OPS_LIMITS)


def served_certificate(settings: Settings) -> Certificate:
    files = tls_files(settings)
    return Certificate(files.certificate if files else None)


def tls_files(settings: Settings) -> TlsFiles | None:
    chain, key = settings.listen.tls_cert, settings.listen.tls_key
    return TlsFiles(settings.within(chain), settings.within(key)) if chain and key else None
