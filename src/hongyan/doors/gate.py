"""The TLS handshake of one connection.

`loop.create_server(ssl=…)` hides the TCP transport, and its buffer with it; a door must know when its answer left that one
too. So we accept plainly and start TLS ourselves.
"""

import asyncio
import ssl

from hongyan.doors.connection import Connection


class Gate(asyncio.Protocol):
    """Stands before a Connection until the handshake is done, and keeps what arrives in between."""

    def __init__(self, connection: Connection, context: ssl.SSLContext) -> None:
        self._connection, self._context = connection, context
        self._early = b""  # application data that came with the end of the handshake
        self._task: asyncio.Task[None] | None = None
        self._raw: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        hub = self._connection.hub
        self._raw = transport
        if hub.is_full:
            transport.abort()
            return
        hub.gates.add(self)
        transport.set_write_buffer_limits(high=0)
        self._task = hub.loop.create_task(self._shake(transport))

    def data_received(self, data: bytes) -> None:
        self._early += data

    def connection_lost(self, _error: Exception | None) -> None:
        self._connection.hub.gates.discard(self)

    def abort(self) -> None:
        if self._raw is not None:
            self._raw.abort()

    async def _shake(self, raw: asyncio.Transport) -> None:
        hub = self._connection.hub
        try:
            secured = await hub.loop.start_tls(
                raw, self, self._context, server_side=True, ssl_handshake_timeout=hub.limits.head_timeout_s
            )
        except OSError:  # the other side speaks no TLS, or not ours, or left
            raw.abort()
            return
        finally:
            hub.gates.discard(self)
        if secured is None or secured.is_closing():
            return
        secured.set_protocol(self._connection)
        self._connection.connection_made(secured, raw)
        if self._early:
            self._connection.data_received(self._early)
