"""The ports of a process, with what the settings bound on them."""

from collections.abc import Sequence

from hongyan.compose.descriptors import Shares
from hongyan.doors.router import Router
from hongyan.http.asgi import App
from hongyan.http.connection_shares import ConnectionShares, KnownAddresses
from hongyan.http.server import Listener, TlsFiles
from hongyan.http.state import Limits
from hongyan.settings.settings import Settings

OPS_LIMITS = Limits(connections=64, head_octets=16 * 1024, body_octets=4 * 1024 * 1024, reading_octets=8 * 1024 * 1024)


def door_listeners(settings: Settings, app: Router, shares: Shares, known: KnownAddresses) -> Sequence[Listener]:
    """The customers' doors, plain and over TLS; both have their connections together."""
    listen, limits = settings.listen, settings.limits
    bounds = Limits(
        head_octets=limits.header_octets,
        body_octets=limits.body_octets,
        reading_octets=limits.reading_octets,
        head_timeout_s=limits.head_timeout_s,
        body_grace_s=limits.body_timeout_s,
    )
    connections = ConnectionShares(shares.doors, limits.address_connections, limits.network_connections, known)
    ports: list[tuple[int, TlsFiles | None]] = [(listen.port, None)]
    if listen.tls_port:
        ports.append((listen.tls_port, tls_files(settings)))
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
        )
        for port, files in ports
    ]


def ops_listener(settings: Settings, app: App) -> Listener:
    listen = settings.listen
    tls = tls_files(settings) if listen.ops_tls else None
    return Listener(app, listen.ops_host, listen.ops_port, tls=tls, trusted=listen.trusted_proxies, limits=OPS_LIMITS)


def tls_files(settings: Settings) -> TlsFiles | None:
    chain, key = settings.listen.tls_cert, settings.listen.tls_key
    return TlsFiles(settings.within(chain), settings.within(key)) if chain and key else None
