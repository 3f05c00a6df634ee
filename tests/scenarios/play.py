"""A scenario played: simulated carriers and customers round a whole platform, all over real sockets, in one process.

A file names what peers suffer from (`pain`), the carriers with their faults, what is sent, what happens meanwhile, and what
must hold at the end. Of `expect` only what is named is looked at; that every report comes exactly once is always.
"""

import asyncio
import sqlite3
import time
import tomllib
from collections import Counter, defaultdict
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import aiohttp
import psycopg
import structlog
from bench.tools import free_port
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from tests.command_store import command_store

from hongyan.compose.platform import Platform
from hongyan.model.account import AccountChange
from hongyan.model.channel import Channel, ChannelChange
from hongyan.model.ledger import EntryKind
from hongyan.model.listener import ListenerChange
from hongyan.model.protocol import Protocol
from hongyan.model.session_settings import SessionProtocol
from hongyan.services.admin import accounts, billing, channels, listeners
from hongyan.settings.settings import Settings
from hongyan.sim.carrier import CarrierSim
from hongyan.sim.customer import Customer
from hongyan.sim.script import read_script
from hongyan.sim.session import SessionSim
from hongyan.sim.steps import read_steps
from hongyan.store.database import Database
from hongyan.wire.text import decode_ucs2

SECRET = "abc123"
FOLDER = Path(__file__).parent
_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_KEYS = {"pain", "store", "carrier", "account", "bystander", "session", "send", "meanwhile", "expect"}


def read_scenario(name: str) -> dict[str, Any]:
    found = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    assert found.keys() <= _KEYS, found.keys() - _KEYS
    return found


@dataclass
class Seen:
    """What carriers and customer saw."""

    reports: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # mobile → codes
    replies: list[str] = field(default_factory=list)
    submits: int = 0
    throttled: int = 0
    logins: int = 0
    knocks: int = 0  # connections
    in_air: int = 0  # answers held back at one time, at most
    texts: list[str] = field(default_factory=list)  # as handsets read them
    returned: int = 0  # points
    session: dict[str, int] = field(default_factory=dict)  # what the customer on a session counted
    warnings: int = 0  # lines of the log, or worse, before the platform stops


class Stage:
    """A platform with its surroundings; `async with Stage(…) as stage: await stage.play()`."""

    def __init__(self, scenario: dict[str, Any], settings: Settings, within_s: float) -> None:
        self.scenario, self.settings, self.within_s = scenario, settings, within_s
        self.customer = Customer(keep=100_000)
        self.carriers = [_carrier(found) for found in scenario["carrier"]]
        self.session: SessionSim | None = None
        self.stack = AsyncExitStack()
        self.lines = self.stack.enter_context(structlog.testing.capture_logs())

    async def __aenter__(self) -> Self:
        await self.customer.start()
        self.stack.push_async_callback(self.customer.stop)
        for carrier in self.carriers:
            await carrier.start()
            self.stack.push_async_callback(carrier.stop)
        bystander = self.scenario.get("bystander")
        other = Customer(answer=bystander["answer"]) if bystander else None
        if other:
            await other.start()
            self.stack.push_async_callback(other.stop)
        await asyncio.to_thread(self._furnish, other.url if other else "")
        self.platform = Platform(self.settings)
        await self.platform.start()
        self.stack.push_async_callback(self.platform.stop)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stack.aclose()

    def _furnish(self, other_url: str) -> None:
        with command_store(self.settings) as admin:
            for name, url in {"acme": self.customer.url, "other": other_url}.items():
                spec = accounts.NewAccount(name, 7, SECRET, AccountChange(push_url=url, push_private=True))
                account_id = admin.change(accounts.add_account, spec, admin.sealer)
                admin.change(billing.top_up, account_id, 100_000)
            if changes := self.scenario.get("account"):
                admin.change(accounts.change_account, "acme", AccountChange(**changes))
            if session := self.scenario.get("session"):
                self.session = _session(admin, session)
            for tier, (facts, carrier) in enumerate(zip(self.scenario["carrier"], self.carriers, strict=True)):
                name, settings = f"up{tier + 1}", {"heartbeat_s": 0.5, "access": "10690001"} | facts.get("channel", {})
                if carrier.delivers_to:
                    own = {"node": "3010012345", "listen_host": "127.0.0.1", "listen_port": str(carrier.delivers_to[1])}
                    settings["options"] = own | settings.get("options", {})
                channel = Channel(0, name, Protocol(facts["protocol"]), "127.0.0.1", carrier.port, "901234", "p", **settings)
                admin.change(channels.add_channel, channel, admin.sealer)
                admin.change(channels.add_route, name, None, None, facts.get("tier", tier), 1)

    async def play(self) -> Seen:
        send = {"count": 10, "text": "您好【测试】"} | self.scenario.get("send", {})
        mobiles = [f"138{n:08}" for n in range(send["count"])]
        connecting = asyncio.ensure_future(self._connect())
        if "bystander" in self.scenario:
            await self._send("other", [f"139{n:08}" for n in range(send["count"])], send["text"])
        await self._send("acme", mobiles, send["text"])
        meanwhile = asyncio.gather(*(self._happen(found) for found in self.scenario.get("meanwhile", [])))
        wanted = self.scenario["expect"].get("replies", [])
        await self._until(lambda: len(self.customer.received) >= len(mobiles) + len(wanted))
        await asyncio.gather(meanwhile, connecting)
        await self._until(lambda: not any(carrier.waiting for carrier in self.carriers), 1)  # what comes twice has its time
        await asyncio.sleep(0.3)
        return self._seen()

    async def _connect(self) -> None:
        """What the customer on a session does."""
        if self.session is not None:
            await self.session.run(read_steps(self.scenario["session"]["steps"]))

    async def _send(self, account: str, mobiles: list[str], text: str) -> None:
        url = f"http://127.0.0.1:{self.platform.door_port}/sms.aspx"
        form = {
            "action": "send",
            "userid": "7",
            "account": account,
            "password": SECRET,
            "mobile": ",".join(mobiles),
            "content": text,
        }
        async with aiohttp.ClientSession() as session, session.post(url, data=form) as answer:
            found = await answer.text()
        assert "<returnstatus>Success</returnstatus>" in found, found

    async def _happen(self, found: dict[str, Any]) -> None:
        """Something that befalls the platform once so many submits were seen."""
        await self._until(lambda: self._submits() >= found.get("submits", 0))
        await asyncio.sleep(found.get("after_s", 0))
        match found["do"]:
            case "lock the store":
                await asyncio.to_thread(_lock, self.platform.database, found["seconds"])
            case "cut the store off":
                await asyncio.to_thread(_cut_off, self.platform.database)
            case "fill the store":
                await _fill(self.platform, found["seconds"])
            case "stop the store":
                await asyncio.to_thread(_stop, self.platform.database, found["seconds"])
            case "break connections":
                self.carriers[0].disconnect()
            case "read the channel's trouble and mend its listen_user":
                await self._mend_login()
            case do:
                raise ValueError(do)

    async def _mend_login(self) -> None:
        """What an operator does who reads that a login was refused."""
        (worker,) = self.platform.lease_manager.workers.values()
        await self._until(lambda: "was refused" in worker.link.trouble)
        options = {name: value for name, value in worker.channel.options.items() if name != "listen_user"}
        changes = {"options": options}
        if "was refused" in worker.link.trouble:
            await asyncio.to_thread(self._change_channel, worker.channel.name, changes)

    def _change_channel(self, name: str, changes: dict[str, Any]) -> None:
        with command_store(self.settings) as admin:
            admin.change(channels.change_channel, name, ChannelChange(**changes))

    def _submits(self) -> int:
        return sum(carrier.counts.submits for carrier in self.carriers)

    async def _until(self, claim: Any, within_s: float | None = None) -> None:
        end = time.monotonic() + (within_s or self.within_s)
        while not claim() and time.monotonic() < end:  # noqa: ASYNC110  any claim: no event stands for all
            await asyncio.sleep(0.01)

    def _seen(self) -> Seen:
        seen = Seen(submits=self._submits())
        seen.warnings = sum(line["log_level"] in {"warning", "error"} for line in self.lines)
        for item in self.customer.received:
            if item.kind == "report":
                seen.reports[item.mobile].append(item.code)
            else:
                seen.replies.append(item.text)
        for carrier in self.carriers:
            seen.throttled += sum(submit.status == carrier.adapter.throttled for submit in carrier.submits)
            seen.logins += carrier.counts.logins
            seen.knocks += carrier.counts.connections
            seen.in_air = max(seen.in_air, carrier.counts.held_most)
            seen.texts += _texts(carrier)
        if self.session is not None:
            seen.session = asdict(self.session.counts)
        entries = self.platform.database.read(lambda tx: tx.rows_of("entry"))
        seen.returned = sum(row["points"] for row in entries if row["kind"] == EntryKind.RETURN)
        return seen


def _carrier(found: dict[str, Any]) -> CarrierSim:
    script = read_script(found.get("script", ""))
    where = ("127.0.0.1", free_port()) if found["protocol"] == "sgip" else None
    delay_s = found.get("report_delay_s", 0.0)
    return CarrierSim(found["protocol"], report_delay_s=delay_s, script=script, heartbeat_s=0, deliver_to=where)


def _session(admin: Any, found: dict[str, Any]) -> SessionSim:
    """A customer of its own account, and the listener that it connects to."""
    spoken, port = found["protocol"], free_port()
    protocol = SessionProtocol(spoken.rstrip("23"))
    where = {"address": "127.0.0.1", "port": port} | found.get("listener", {})
    admin.change(listeners.add_listener, "in", protocol, ListenerChange(**where))
    change = AccountChange(**({"protocols": [protocol]} | found.get("account", {})))
    account_id = admin.change(accounts.add_account, accounts.NewAccount("rough", 8, SECRET, change), admin.sealer)
    admin.change(billing.top_up, account_id, 100_000)
    return SessionSim(spoken, "127.0.0.1", port, "rough", SECRET)


def _texts(carrier: CarrierSim) -> list[str]:
    """Each text that the carrier took whole, its parts joined."""
    parts: dict[str, dict[int, bytes]] = defaultdict(dict)
    wanted: Counter[str] = Counter()
    for submit in carrier.submits:
        if not submit.status:
            number = submit.numbers[0]
            parts[number][submit.concat.number if submit.concat else 1] = submit.content
            wanted[number] = submit.concat.total if submit.concat else 1
    return [decode_ucs2(b"".join(own[n] for n in sorted(own))) for number, own in parts.items() if len(own) == wanted[number]]


def _lock(database: Database, seconds: float) -> None:
    """Another program writes to the file for so long."""
    connection = sqlite3.connect(database.path, isolation_level=None, timeout=10)
    connection.execute("BEGIN IMMEDIATE")
    time.sleep(seconds)
    connection.execute("ROLLBACK")
    connection.close()


def _cut_off(database: Database) -> None:
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute(_OTHERS)


async def _fill(platform: Platform, seconds: float) -> None:
    """Every write fails for so long, as on a full disk."""
    connection = platform.door_lane._connection
    connection.plain("PRAGMA query_only = ON")
    await asyncio.sleep(seconds)
    connection.plain("PRAGMA query_only = OFF")


def _stop(database: Database, seconds: float) -> None:
    """The server lets nobody in for so long, and throws everybody out."""
    name = conninfo_to_dict(database.url)["dbname"]
    with psycopg.connect(make_conninfo(database.url, dbname="postgres"), autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        time.sleep(seconds)
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def check(scenario: dict[str, Any], seen: Seen) -> None:
    """raises: AssertionError for the first thing that does not hold"""
    expect, count = dict(scenario["expect"]), scenario.get("send", {}).get("count", 10)
    assert {len(codes) for codes in seen.reports.values()} <= {1}, "a message was reported twice"
    assert len(seen.reports) == count, f"{len(seen.reports)} of {count} messages were reported"
    found = Counter(codes[0] for codes in seen.reports.values())
    assert found == expect.pop("codes", {"DELIVRD": count})
    for name, bound in expect.items():
        match name.rsplit("_", 1):
            case [fact, "least"]:
                assert getattr(seen, fact) >= bound, name
            case [fact, "most"]:
                assert getattr(seen, fact) <= bound, name
            case _ if isinstance(bound, dict):
                assert {key: getattr(seen, name)[key] for key in bound} == bound, name
            case _ if isinstance(bound, list):
                assert sorted(getattr(seen, name)) == sorted(bound), name
            case _:
                assert getattr(seen, name) == bound, name
