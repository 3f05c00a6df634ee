"""Where customers of `hongyan demo` connect as to a carrier: a listener of each protocol, at a port that is free."""

import asyncio
import contextlib
import socket
from collections.abc import Mapping

from hongyan.compose.admin_store import open_admin_store
from hongyan.compose.demo_customers import CONNECTS, SESSION_LOGIN, add_account
from hongyan.compose.platform import Platform
from hongyan.model.account import AccountChange
from hongyan.model.listener import ListenerChange
from hongyan.model.session_settings import SessionProtocol
from hongyan.services.admin import accounts, listeners
from hongyan.settings.settings import Settings

_USUAL_PORTS = {SessionProtocol.SMPP: 2775, SessionProtocol.CMPP: 7890}


async def open_listeners(settings: Settings) -> dict[SessionProtocol, int]:
    """Add a listener of each protocol, at the usual port if that is free, and an account that may use them."""
    ports = {protocol: _free_port(usual) for protocol, usual in _USUAL_PORTS.items()}
    with open_admin_store(settings) as admin:
        known = {row["name"] for row in await admin.read(lambda tx: tx.rows_of("listener"))}
        for protocol, port in ports.items():
            name, change = f"demo-{protocol}", ListenerChange(address="127.0.0.1", port=port)
            if name in known:
                await admin.change(listeners.change_listener, name, change)
            else:
                await admin.change(listeners.add_listener, name, protocol, change)
        if not await admin.read(lambda tx: tx.rows_of("account", name=CONNECTS)):
            await add_account(admin, CONNECTS, 17)
            may = AccountChange(protocols=tuple(SessionProtocol), protocol_login=SESSION_LOGIN)
            await admin.change(accounts.change_account, CONNECTS, may)
    return ports


async def move_listeners(settings: Settings, platform: Platform) -> dict[SessionProtocol, int]:
    """Give a listener another port if another program, perhaps a demo, took its port before it was opened."""
    closed = (
        [one.listener for one in platform.session_server.listeners.values() if one.trouble] if platform.session_server else []
    )
    ports = {listener.protocol: _free_port(0) for listener in closed}
    if ports:
        await asyncio.to_thread(asyncio.run, _change_ports(settings, {one.name: ports[one.protocol] for one in closed}))
    return ports


async def _change_ports(settings: Settings, ports: Mapping[str, int]) -> None:
    """Change the ports, on a loop of its own: leaving the store waits for the loop, and a turn on the platform's loop may be
    paused with the store open.
    """
    with open_admin_store(settings) as admin:
        for name, port in ports.items():
            await admin.change(listeners.change_listener, name, ListenerChange(port=port))


def _free_port(usual: int) -> int:
    """Returns the usual port, or any free one if that is taken."""
    for port in (usual, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    return usual
