"""`hongyan serve`: the platform until it is asked to stop, in one process or with the doors in another."""

import asyncio
import signal
import socket
from collections.abc import Callable, Sequence

import uvloop

from hongyan.compose.console.child import console_child
from hongyan.compose.doors.process import run_doors
from hongyan.compose.doors.supervisor import Part, handle_commands, supervise
from hongyan.compose.listeners import Sockets, open_doors
from hongyan.compose.paused_start import pause_first
from hongyan.compose.platform import Platform
from hongyan.settings.load import Loaded


def serve(loaded: Loaded, *, is_held: bool = False) -> bool:
    """Run until SIGTERM or SIGINT; SIGHUP reads certificates again. Returns False if a part broke.

    is_held: begin with every channel paused, and log what waits
    raises: StoreNotReady, PeerUnreachable, AlreadyInUse, SettingsInvalid
    """
    in_two = loaded.settings.duties.processes > 1
    if in_two:
        loaded.settings.check_processes()
    if is_held:
        pause_first(loaded.settings)
    if in_two:
        return _serve_in_two(loaded)
    with console_child(loaded) as console:
        return uvloop.run(_serve(Platform(loaded.settings, console), handle_signals))


def _serve_in_two(loaded: Loaded) -> bool:
    """Serve in two processes. It also returns in each of the forked processes: see `supervise`."""
    settings = loaded.settings
    sockets = open_doors(settings)
    writer = Part("hongyan-writer", lambda end: _write(loaded, sockets, end))
    return supervise([writer, Part("hongyan-doors", run_doors(settings, sockets))])


def _write(loaded: Loaded, sockets: Sequence[Sockets], end: socket.socket) -> bool:
    """The process that does everything but the doors."""
    ports = [opened[0].getsockname()[1] for opened in sockets]
    for one in (one for opened in sockets for one in opened):
        one.close()
    with console_child(loaded) as console:
        platform = Platform(loaded.settings, console, doors_apart=ports)
        return uvloop.run(_serve(platform, lambda stop, reload: handle_commands(end, stop, reload)))


RegisterHandlers = Callable[[Callable[[], None], Callable[[], None]], None]
"""Registers two functions: one is called at a stop, the other when certificates are to be read again."""


async def _serve(platform: Platform, listen: RegisterHandlers) -> bool:
    await platform.start()
    try:
        await until_asked(platform, listen)
    finally:
        await platform.stop()
    return not platform.failed.is_set()


def handle_signals(stop: Callable[[], None], reload: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    loop.add_signal_handler(signal.SIGHUP, reload)


async def until_asked(platform: Platform, listen: RegisterHandlers = handle_signals) -> None:
    asked = asyncio.Event()
    listen(asked.set, platform.reload_certificates)
    waits = [asyncio.create_task(asked.wait()), asyncio.create_task(platform.failed.wait())]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
