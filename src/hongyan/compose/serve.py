"""`hongyan serve`: one process of the platform until somebody asks it to stop."""

import asyncio
import signal

import uvloop

from hongyan.compose.console.child import ConsoleChild, console_child
from hongyan.compose.platform import Platform
from hongyan.settings.load import Loaded
from hongyan.settings.settings import Settings


def serve(loaded: Loaded, *, is_held: bool = False) -> bool:
    """Run until SIGTERM or SIGINT; SIGHUP reads certificates again. Returns False if a part broke.

    is_held: begin with every channel paused, and log what waits
    raises: StoreNotReady, StoreUnreachable, AlreadyInUse, SettingsInvalid
    """
    with console_child(loaded) as console:
        return uvloop.run(_serve(loaded.settings, console, is_held=is_held))


async def _serve(settings: Settings, console: ConsoleChild, *, is_held: bool) -> bool:
    platform = Platform(settings, console, is_held=is_held)
    await platform.start()
    try:
        await until_asked(platform)
    finally:
        await platform.stop()
    return not platform.failed.is_set()


async def until_asked(platform: Platform) -> None:
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked.set)
    loop.add_signal_handler(signal.SIGHUP, platform.reload_certificates)
    waits = [asyncio.create_task(asked.wait()), asyncio.create_task(platform.failed.wait())]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
