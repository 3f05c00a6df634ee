"""Opens a port. If the call is cancelled meanwhile, no port stays open."""

import asyncio
from collections.abc import Callable
from typing import Any


async def open_server(protocol: Callable[[], asyncio.BaseProtocol], *where: Any, **options: Any) -> asyncio.Server:
    """Listens, as `loop.create_server` with the same arguments; raises what that raises.

    `loop.create_server` loses a port that is open already when it is cancelled in its last step.
    """
    server = await asyncio.get_running_loop().create_server(protocol, *where, **options, start_serving=False)
    try:
        await server.start_serving()
    except BaseException:
        server.close()
        raise
    return server
