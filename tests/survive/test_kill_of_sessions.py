"""`kill -9` under a customer's session: what was answered is sent, and its report arrives, parts of long texts and crashes included.

The judge is the customer's own log of answers. It repeats what was not answered, as customers' programs do.
"""

import asyncio
import json
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from bench.installation import ACCOUNT, API_AND_LINK, SECRET
from bench.postgres import postgres
from bench.tools import MessageCentre, free_ports
from tests.sim.client import Client, dialect_of
from tests.survive.figures import write_down
from tests.survive.installations import InlineMeasured

from hongyan.wire.cmpp.pdu import Deliver
from hongyan.wire.cmpp.report import decode_report
from hongyan.wire.smpp.pdu import UDHI, Sm
from hongyan.wire.smpp.report import read_receipt
from hongyan.wire.text import concat_header, encode_ucs2

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="the message centre is compiled with cc")

FIRST, REST = "一" * 67, "二" * 20
ROUNDS = 2
SINGLES, PAIRS = 20, 20  # a round
SETTLE_S = 90.0


class Address:
    host = "127.0.0.1"

    def __init__(self, port):
        self.port = port


class Customer:
    """Submits and repeats until everything is answered, over one connection after the other."""

    def __init__(self, port, protocol):
        self.place, self.protocol = Address(port), protocol
        self.answered = {}  # what was submitted → the id that it was answered with
        self.submits = 0  # repeats included
        self.reported = set()
        self.client = None

    async def log_in(self):
        async with asyncio.timeout(SETTLE_S):
            while True:
                try:
                    said = dialect_of(self.protocol, ACCOUNT, SECRET)
                    self.client = await Client.connect(self.place, self.protocol, protocol_state=said)
                except OSError:
                    await asyncio.sleep(0.1)
                    continue
                if await self.client.until(lambda: self.client.is_in or self.client.is_lost) and self.client.is_in:
                    return
                await asyncio.sleep(0.2)

    def submit(self, things):
        """(round, number) is a text, (round, number, part) a part of one."""
        for thing in things:
            if thing not in self.answered:
                self.submits += 1
                phone = f"138{thing[0]:02}{thing[1]:06}"
                if len(thing) == 2:
                    self.client.submit(thing, phone)
                else:
                    text = FIRST if thing[2] == 1 else REST
                    content = concat_header(thing[1] % 256, 2, thing[2]) + encode_ucs2(text)
                    marked = (
                        {"esm_class": UDHI} if self.protocol == "smpp" else {"tp_udhi": 1, "pk_total": 2, "pk_number": thing[2]}
                    )
                    self.client.submit_octets(thing, content, phone, **marked)

    def take(self):
        """Note what the connection brought."""
        for thing, (status, message_id) in self.client.answers.items():
            if not status and message_id:
                self.answered.setdefault(thing, message_id)
        for pdu in self.client.asked:
            if isinstance(pdu, Sm):
                self.reported.add(read_receipt(pdu).id_text)
            elif isinstance(pdu, Deliver):
                self.reported.add(str(decode_report(pdu.msg_content).msg_id))

    async def until(self, claim, within_s=SETTLE_S):
        async with asyncio.timeout(within_s):
            while not claim():
                await asyncio.sleep(0.02)
                self.take()


def _things(number):
    return [(number, one) for one in range(SINGLES)] + [(number, 1000 + one, part) for one in range(PAIRS) for part in (1, 2)]


async def _through_kills(installation, port, protocol, kill):
    customer = Customer(port, protocol)
    everything = []
    for number in range(ROUNDS):
        await customer.log_in()
        everything += _things(number)
        customer.submit(everything)
        await customer.until(lambda: customer.client.answers or customer.client.is_lost)
        await asyncio.to_thread(kill)
        customer.take()
        customer.client.transport.abort()
        await asyncio.to_thread(installation.start)
    await customer.log_in()
    customer.submit(everything)
    await customer.until(lambda: all(thing in customer.answered for thing in everything))
    await customer.until(lambda: set(customer.answered.values()) <= customer.reported)
    customer.client.transport.abort()
    return customer, everything


@contextmanager
def _installed(engine, folder):
    if engine == "sqlite":
        with MessageCentre() as centre, InlineMeasured(folder / "data", centre=centre) as installation:
            yield installation
        return
    with (
        tempfile.TemporaryDirectory(prefix="hongyan-") as apart,  # pytest closes its own folder to PostgreSQL's user
        postgres(Path(apart, "pg")) as server,
        MessageCentre() as centre,
        InlineMeasured(folder / "data", server.uri, API_AND_LINK, centre=centre) as installation,
    ):
        yield installation


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)])
@pytest.mark.parametrize("protocol", ["smpp", pytest.param("cmpp3", marks=pytest.mark.soak), "cmpp2"])
def test_what_a_session_was_answered_is_sent_and_reported_whatever_is_killed(engine, protocol, tmp_path):
    with _installed(engine, tmp_path) as installation:
        (port,) = free_ports(1)
        spoken = protocol.rstrip("23")
        installation.command("account", "set", ACCOUNT, "--protocol", spoken, "--sessions-most", "20", "--window-in", "1000")
        patience = "--answer-within-s 3"  # what was claimed before a crash is due again soon
        installation.command(*f"listener add in --protocol {spoken} --address 127.0.0.1 --port {port} {patience}".split())
        installation.start()

        customer, everything = asyncio.run(_through_kills(installation, port, protocol, installation.kill))

        assert len(set(customer.answered.values())) == len(everything)
        tasks = json.loads(installation.command("task", "list", "--most", "5000", "--json"))["tasks"]
        repeats = customer.submits - len(everything)
        doubled = len(tasks) - ROUNDS * (SINGLES + PAIRS)
        ledger = json.loads(installation.command("ledger", "verify", "--json"))
        figures = {
            "kills": ROUNDS,
            "answered": len(customer.answered),
            "repeated": repeats,
            "doubled": doubled,
            "ledger": ledger,
        }
        write_down(f"kill-sessions-{protocol}-{engine}", figures)
        assert 0 <= doubled <= repeats
        assert {task["points"] for task in tasks} == {1, 2}
        assert ledger["differences"] == 0
