"""`kill -9` under links of every protocol: what was answered Success arrives at its carrier, and its report at the customer; what a
handset sent arrives there too.

The judge is each carrier's own list of submits. Where we name submits (SGIP), the carrier recognises each one that comes twice.
"""

import asyncio
import json

import pytest
from bench.tools import free_port
from tests.survive.figures import write_down
from tests.survive.whole_platform import Behaviour, whole_platform

WINDOW = 16
BOUNDS = ("--window", str(WINDOW), "--rate", "400")
REPLIES = 20
"""At each kill, of handsets that have just been sent to."""

_SETTLE_S = 90.0


def links():
    """One for each protocol; SGIP's carrier delivers on connections of its own."""
    port = free_port()
    options = ("node=3010012345", f"listen_port={port}", "listen_host=127.0.0.1")
    words = tuple(word for option in options for word in ("--option", option))
    plain = [Behaviour(name, protocol=name, channel=BOUNDS) for name in ("smpp", "cmpp2", "cmpp3", "smgp")]
    return [*plain, Behaviour("sgip", protocol="sgip", channel=(*BOUNDS, *words), carrier={"deliver_to": ("127.0.0.1", port)})]


async def _kill_amid(platform, names, count):
    """Kill once every carrier has some of a new task. At their rate none has all of it by then."""
    before = {name: platform.carriers[name].counts.submits for name in names}
    sent = {name: await platform.send(name, count) for name in names}
    assert await platform.until(
        lambda: all(platform.carriers[name].counts.submits > before[name] + WINDOW for name in names), 30
    )
    for name in names:
        for mobile in sent[name][:REPLIES]:
            platform.carriers[name].say(mobile, "1069", f"reply of {mobile}")
    await asyncio.sleep(0.01)  # some of them are stored by now, and some of these answered
    await asyncio.to_thread(platform.installation.kill)
    await asyncio.to_thread(platform.installation.start)
    return sent


@pytest.mark.parametrize(("kills", "count"), [(1, 200), pytest.param(10, 800, marks=pytest.mark.soak)])
def test_what_was_answered_success_survives_kill_9_under_links_of_every_protocol(kills, count, tmp_path):
    async def scene():
        async with whole_platform(tmp_path, *links()) as platform:
            names = list(platform.carriers)
            rounds = [await _kill_amid(platform, names, count) for _ in range(kills)]
            mobiles = {name: [mobile for sent in rounds for mobile in sent[name]] for name in names}
            everybody = {mobile for name in names for mobile in mobiles[name]}
            assert await platform.until(lambda: _reported(platform) >= everybody, _SETTLE_S), len(
                everybody - _reported(platform)
            )
            expected = {f"reply of {mobile}" for sent in rounds for name in names for mobile in sent[name][:REPLIES]}
            assert await platform.until(lambda: _replies(platform) >= expected, _SETTLE_S), expected - _replies(platform)
            ledger = await asyncio.to_thread(platform.installation.command, "ledger", "verify", "--json")
            return {name: _arrived(platform.carriers[name], mobiles[name]) for name in names}, json.loads(ledger)

    arrived, ledger = asyncio.run(scene())
    write_down("kills-links", {"kills": kills, "answered": kills * count, "missing, doubled": arrived, "ledger": ledger})
    assert {name: missing for name, (missing, _) in arrived.items()} == dict.fromkeys(arrived, 0)
    assert all(0 <= doubled <= 2 * WINDOW * kills for _, doubled in arrived.values())
    assert arrived["sgip"] == (0, 0)
    assert ledger["differences"] == 0


def _reported(platform):
    return {item.mobile for item in platform.customer.received if item.kind == "report"}


def _replies(platform):
    return {item.text for item in platform.customer.received if item.kind == "reply"}


def _arrived(carrier, mobiles):
    """How many of these numbers no submit was for, and how many more submits the carrier took than there are numbers."""
    numbers = {number[-11:] for submit in carrier.submits for number in submit.numbers}
    return len(set(mobiles) - numbers), carrier.counts.submits - len(mobiles)
