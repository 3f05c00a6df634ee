"""Opens the port of a channel; a port that another program has is tried again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from hongyan.http.server import CannotListen
from hongyan.model.translatable import Translatable

log = structlog.get_logger(__name__)

AGAIN_S = 5.0
"""Pause between two tries."""

Server = TypeVar("Server")


async def open_port(
    listen: Callable[[], Awaitable[Server]], channel: str, host: str, port: int, on_trouble: Callable[[str], None]
) -> Server:
    """Listen; returns once the port is open.

    listen:     tries once; raises OSError
    on_trouble: called with what is wrong, for people, after each failed try; the log has it once
    """
    known = ""
    while True:
        try:
            return await listen()
        except OSError as error:
            reason = (error if isinstance(error, CannotListen) else CannotListen(host, port, error)).reason
            trouble = Translatable("cannot listen on {host}:{port}: {reason}", host=host or "*", port=port, reason=reason)
            on_trouble(trouble)
            if trouble != known:  # it may last for days
                log.error("carrier_listener_closed", channel=channel, what=trouble)  # noqa: TRY400 - no bug of ours
            known = trouble
            await asyncio.sleep(AGAIN_S)
