"""Whole platforms inside the test's process, with loopback channels, asked over HTTP."""

import asyncio
import re
import socket
from collections.abc import Callable
from contextlib import asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from threading import Thread

import aiohttp
import pytest
import uvloop
from tests.command_store import command_store

from hongyan.cli.store import CommandStore
from hongyan.compose.console.process import run_console
from hongyan.compose.platform import Platform
from hongyan.compose.process_start import clock
from hongyan.model.account import AccountChange
from hongyan.model.channel import Channel
from hongyan.model.protocol import Protocol
from hongyan.services.admin import accounts, billing, channels
from hongyan.settings.load import Loaded, load
from hongyan.settings.settings import Settings
from hongyan.store.database import Database

SECRET = "abc123"
POINTS = 100_000
PATIENCE_S = 30.0
TAG = re.compile(r"<(\w+)>([^<]*)</\1>")


def make_settings(data: Path, url: str = "", **others) -> Settings:
    flags = {
        "data": data,
        "store": {"key": "11" * 32} | ({"url": url} if url else {}),
        "listen": {"host": "127.0.0.1", "port": 0, "ops_port": 0} | others.pop("listen", {}),
        "limits": {"drain_s": 2},
        "retention": {"messages_days": 10_000},  # the months of the tests' one PostgreSQL are long past
    }
    return load(flags | others).settings


def furnish(admin: CommandStore) -> None:
    """An account that pulls, one that is pushed to, and two loopback channels, the second in reserve."""
    for name, extno in (("demo", "12"), ("other", "13")):
        spec = accounts.NewAccount(name, 12, SECRET, AccountChange(extno=extno))
        account_id = admin.change(accounts.add_account, spec, admin.sealer)
        admin.change(billing.top_up, account_id, POINTS)
    for tier, name in enumerate(("trial", "reserve")):
        options = {"report_delay_s": "0"}
        admin.change(
            channels.add_channel, Channel(0, name, Protocol.LOOPBACK, access="10690001", options=options), admin.sealer
        )
        admin.change(channels.add_route, name, None, None, tier, 1)


class Running:
    """A started platform and a client at its doors."""

    def __init__(self, platform: Platform, session: aiohttp.ClientSession) -> None:
        self.platform, self._session = platform, session

    async def ask(self, path: str, **fields: str) -> tuple[str, dict[str, str]]:
        """POST a form; returns the answer's text, and its elements by name (the last of each)."""
        url = f"http://127.0.0.1:{self.platform.door_port}/{path}"
        form = {"userid": "12", "account": "demo", "password": SECRET} | fields
        async with self._session.post(url, data=form) as answer:
            assert answer.status == 200
            text = await answer.text()
        return text, dict(TAG.findall(text))

    async def send(self, mobile: str = "13800138000", **fields: str) -> dict[str, str]:
        return (await self.ask("sms.aspx", action="send", mobile=mobile, **{"content": "您好【测试】"} | fields))[1]

    async def balance(self) -> int:
        return int((await self.ask("sms.aspx", action="overage"))[1]["overage"])

    async def reports(self, count: int, **which: str) -> list[str]:
        """Pull until so many reports came; returns their mobiles."""
        mobiles: list[str] = []
        async with asyncio.timeout(PATIENCE_S):
            while len(mobiles) < count:
                text, _ = await self.ask("statusApi.aspx", action="query", **which)
                mobiles += re.findall("<mobile>(.*?)</mobile>", text)
                await asyncio.sleep(0.02)
        return mobiles

    async def ops(self, path: str) -> tuple[int, str]:
        async with self._session.get(f"http://127.0.0.1:{self.platform.ops_port}/{path}") as answer:
            return answer.status, await answer.text()

    async def until(self, claim: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not claim():  # noqa: ASYNC110  any claim: no event stands for all
                await asyncio.sleep(0.01)


@asynccontextmanager
async def started(settings: Settings, *, console: "Beside | None" = None):
    platform = Platform(settings, console)
    await platform.start()
    try:
        async with aiohttp.ClientSession() as session:
            yield Running(platform, session)
    finally:
        await platform.stop()


class Beside:
    """What the console's process does, in a thread."""

    def __init__(self, settings: Settings) -> None:
        self.end, theirs = socket.socketpair()
        self._thread = Thread(target=run_console, args=(Loaded(settings, None, {}), theirs))

    def begin(self) -> None:
        self._thread.start()

    def start_again(self) -> None:
        raise OSError

    def stop(self) -> None:
        self.end.close()
        if self._thread.ident:
            self._thread.join()


@contextmanager
def console_beside(settings: Settings):
    beside = Beside(settings)
    try:
        yield beside
    finally:
        beside.stop()


@pytest.fixture(autouse=True)
def _process(tuned_process):
    pass


@pytest.fixture
def settings(engine, request, tmp_path, monkeypatch) -> Settings:
    """Of a store with the schema of this release and nothing in it, on either engine in turn."""
    monkeypatch.chdir(tmp_path)
    store: Database = request.getfixturevalue(f"{engine}_store")
    store.make_partitions(clock())
    return make_settings(tmp_path, "" if store.is_sqlite else store.url)


@pytest.fixture
def furnished(settings) -> Settings:
    with command_store(settings) as admin:
        furnish(admin)
    return settings


@pytest.fixture
def on_sqlite(sqlite_store, tmp_path, monkeypatch) -> Settings:
    """Furnished, on SQLite alone."""
    monkeypatch.chdir(tmp_path)
    settings = make_settings(tmp_path)
    with command_store(settings) as admin:
        furnish(admin)
    return settings


@pytest.fixture
def on_postgres(postgres_store, tmp_path, monkeypatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    settings = make_settings(tmp_path, postgres_store.url)
    postgres_store.make_partitions(clock())
    with command_store(settings) as admin:
        furnish(admin)
    return settings


@pytest.fixture
def run():
    """`run(settings, go)`: starts a platform, runs `await go(running)`, stops it; with its console if that is wanted."""

    def run(settings, go, *, with_console=False):
        async def inside(console):
            async with started(settings, console=console) as running:
                return await go(running)

        with console_beside(settings) if with_console else nullcontext() as console:
            return uvloop.run(inside(console))

    return run


@pytest.fixture
def start():
    """`async with start(settings) as running`: where a test needs several."""
    return started


@pytest.fixture
def settings_of():
    return make_settings
