"""`kill -9` under links that post: MM7 to a relay/server, and http to another platform, whose reports are pulled or pushed to us.

Requests are named, so each carrier takes one that comes again as a repeat: it has every message once. The judges are the relay's list of
what it took, the other platform's own store, and what the customer received.
"""

import asyncio
import json
import sqlite3
import tempfile
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager, suppress
from itertools import cycle
from pathlib import Path

import aiohttp
import pytest
from bench.installation import ALL_DUTIES, API_AND_LINK
from bench.postgres import postgres
from bench.tools import free_ports
from tests.doors.mms import content
from tests.survive.figures import write_down
from tests.survive.installations import InlineInstallation

from hongyan.sim.customer import Customer
from hongyan.sim.relay import RelaySim

SECRET = "abc123"
WINDOW = 8
REPLIES = 10
"""At each kill, of handsets that have just been sent to, by each carrier that pushes them to us."""

_SETTLE_S = 240.0  # a report that a kill lost is asked for by its task, one of them a second
_PUSHED_AGAIN = {"HONGYAN_LIMITS__PUSH_ATTEMPTS": "9", "HONGYAN_LIMITS__PUSH_DELAYS_S": "0,1,2,4,8,15,30,30,30"}
"""A start may take as long as a busy machine needs, and another kill may follow it."""

_LIMITS = f"--window {WINDOW} --rate 40"
_MMS, _PULLED, _PUSHED = "mms", "pulled", "pushed"  # accounts, each with a channel of its own
_REPLIED_TO = "0007"  # a loopback channel answers numbers that end so with a reply


_TAKEN = "SELECT a.name, (SELECT count(*) FROM message m WHERE m.account_id = a.id) FROM account a"


class OtherPlatform(InlineInstallation):
    """The carrier of both http channels: what it takes is delivered at once, by a loopback channel."""

    def lead(self, push_port):
        for name, userid in ((_PULLED, 71), (_PUSHED, 72)):
            self.command(*f"account add {name} --userid {userid} --secret-file - --points 1000000".split(), stdin=SECRET)
        pushed = f"--callback http://127.0.0.1:{push_port}/ --format xml --allow-private-callback"
        self.command(*f"account set {_PUSHED} {pushed}".split())
        self.command(*["channel", "add", "loop", "--protocol", "loopback", "--option", "report_delay_s=0"])
        self.command(*["route", "add", "--carrier", "any", "--channel", "loop"])

    def taken(self):
        """How many messages of each account it has."""
        with closing(sqlite3.connect(f"file:{self.folder / 'hongyan.db'}?mode=ro", uri=True)) as line:
            return dict(line.execute(_TAKEN).fetchall())


class Platform(InlineInstallation):
    """The one that is killed."""

    def lead(self, callback, channels):
        """channels: words of `channel add` for each account"""
        pushed = f"--callback {callback} --format xml --allow-private-callback"
        for name, words in channels.items():
            self.command(*f"account add {name} --userid 7 --secret-file - --points 1000000 {pushed}".split(), stdin=SECRET)
            where = f"--host 127.0.0.1 --secret-file - {_LIMITS} {words}"
            self.command(*f"channel add {name} {where}".split(), stdin=SECRET)
            self.command(*f"route add --carrier any --channel {name} --account {name}".split())
        self.command(*f"account set {_MMS} --product sms --product mms".split())
        self.command(*f"account topup {_MMS} 1000000 --product mms".split())

    async def send(self, name, mobiles):
        page, said = (
            ("mms.aspx", {"subject": "新品", "content": content()})
            if name == _MMS
            else ("sms.aspx", {"content": "您好【测试】"})
        )
        fields = {"action": "send", "userid": "7", "account": name, "password": SECRET, "mobile": ",".join(mobiles)} | said
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"http://127.0.0.1:{self.port}/{page}", data=fields) as answer,
        ):
            seen = await answer.text()
        assert "<returnstatus>Success</returnstatus>" in seen, seen


class Scene:
    def __init__(self, platform, other, relay, customer):
        self.platform, self.other, self.relay, self.customer = platform, other, relay, customer
        self.mobiles = {name: [] for name in (_MMS, _PULLED, _PUSHED)}
        self.replies = set()

    async def until(self, claim):
        async with asyncio.timeout(_SETTLE_S):
            while not claim():  # noqa: ASYNC110  any claim: no event stands for all
                await asyncio.sleep(0.05)

    async def kill_amid(self, count, victims):
        """Kill once every carrier has some of a new task. At their rate none has all of it by then."""
        before = self.taken()
        for name, known in self.mobiles.items():
            some = self._new_numbers(name, count)
            await self.platform.send(name, some)
            known.extend(some)
        await self.until(lambda: self._has_more(before))
        self._let_handsets_reply()
        await asyncio.sleep(0.01)  # some of them are stored by now, and some of these answered
        await asyncio.to_thread(self.platform.kill, *victims)
        taken = self.taken()
        assert all(taken[name] < len(known) for name, known in self.mobiles.items())
        await asyncio.to_thread(self.platform.start)

    def _new_numbers(self, name, count):
        """Of those that the loopback channel delivers; it lets some of them reply, which only a push does not lose."""
        begin = len(self.mobiles[name])
        numbers = [
            f"13{5 + list(self.mobiles).index(name)}{index // 9000:04}{index % 9000 + 1000}"
            for index in range(begin, begin + count)
        ]
        if name == _PUSHED:
            for index in range(0, count, count // REPLIES):
                numbers[index] = f"139{begin + index:04}{_REPLIED_TO}"
                self.replies.add(numbers[index])
        return numbers

    def _let_handsets_reply(self):
        for mobile in self.mobiles[_MMS][-REPLIES:]:
            self.relay.reply(f"86{mobile}", "10690", f"reply of {mobile}")
            self.replies.add(mobile)

    def _has_more(self, before):
        return all(count > before[name] + WINDOW for name, count in self.taken().items())

    def taken(self):
        """How many messages each carrier has, however often they came."""
        return {_MMS: self.relay.counts.accepted} | self.other.taken()

    def not_home(self):
        """Returns the reports and replies that the customer has not."""
        wanted = {("report", one) for mobiles in self.mobiles.values() for one in mobiles}
        wanted |= {("reply", one) for one in self.replies}
        return wanted - {(item.kind, item.mobile) for item in self.customer.received}


@contextmanager
def _store(engine):
    """Returns the database and the duties of each process."""
    if engine == "sqlite":
        yield "", ALL_DUTIES
        return
    with tempfile.TemporaryDirectory(prefix="hongyan-") as apart, postgres(Path(apart, "pg")) as server:
        yield server.uri, API_AND_LINK  # pytest closes its own folder to PostgreSQL's user


@asynccontextmanager
async def _scene(engine, folder):
    mm_port, push_port = free_ports(2)
    customer = Customer(keep=100_000)
    relay = RelaySim(user="vasp01", secret=SECRET, report_to=f"http://127.0.0.1:{mm_port}/mm7", tries=240)
    with ExitStack() as stack:
        database, duties = await asyncio.to_thread(stack.enter_context, _store(engine))
        other = await asyncio.to_thread(stack.enter_context, OtherPlatform(folder / "other", environment=_PUSHED_AGAIN))
        platform = await asyncio.to_thread(stack.enter_context, Platform(folder / "data", database, duties))
        await customer.start()
        await relay.start()
        channels = {
            _MMS: f"--protocol mm7 --port {relay.port} --user vasp01 --access 10690 --listen-port {mm_port}",
            _PULLED: f"--protocol http --port {other.port} --user {_PULLED} --option poll_s=1 --option ask_after_s=2",
            _PUSHED: f"--protocol http --port {other.port} --user {_PUSHED} --listen-port {push_port} --option ask_after_s=0",
        }
        await asyncio.to_thread(other.lead, push_port)
        await asyncio.to_thread(platform.lead, customer.url, channels)
        await asyncio.to_thread(other.start)
        await asyncio.to_thread(platform.start)
        try:
            yield Scene(platform, other, relay, customer)
        finally:
            await relay.stop()
            await customer.stop()


@pytest.mark.parametrize(("kills", "count"), [(1, 100), pytest.param(8, 300, marks=pytest.mark.soak)])
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_what_was_answered_success_survives_kill_9_under_links_that_post(engine, kills, count, tmp_path):
    victims = cycle([("link",), API_AND_LINK] if engine == "postgresql" else [ALL_DUTIES])

    async def go():
        async with _scene(engine, tmp_path) as scene:
            for _ in range(kills):
                await scene.kill_amid(count, next(victims))
            with suppress(TimeoutError):
                await scene.until(lambda: not scene.not_home())
            assert not scene.not_home()
            ledgers = [
                json.loads(await asyncio.to_thread(one.command, "ledger", "verify", "--json"))
                for one in (scene.platform, scene.other)
            ]
            answered = {name: len(mobiles) for name, mobiles in scene.mobiles.items()}
            return answered, scene.taken(), scene.relay.counts.repeats, ledgers

    answered, taken, repeats, ledgers = asyncio.run(go())
    figures = {"kills": kills, "answered": answered, "taken": taken, "repeats at the relay": repeats, "ledgers": ledgers}
    write_down(f"kills-posting-links-{engine}", figures)
    assert taken == answered
    assert [one["differences"] for one in ledgers] == [0, 0]
