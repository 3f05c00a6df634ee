"""A chat robot: a server that notices of alarms are posted to."""

import asyncio
from contextlib import asynccontextmanager

import orjson
from aiohttp import web


@asynccontextmanager
async def chat_robot(status=200):
    """Yields its address, and a queue of what is posted there."""
    heard: asyncio.Queue[dict] = asyncio.Queue()

    async def take(request):
        heard.put_nowait(orjson.loads(await request.read()))
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/robot", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/robot", heard
    finally:
        await runner.cleanup()
