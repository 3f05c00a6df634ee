"""Customers' sessions in long numbers: a chain of two platforms by SMPP and CMPP, and neighbours of a customer who keeps no bounds.

Figures are written to build/soak.
"""

import json
import shutil
import time
from pathlib import Path
from statistics import median

import pytest
from bench.flood import CMPP, SMPP, flood
from bench.installation import ACCOUNT, SECRET
from bench.tools import MessageCentre, build, free_ports
from tests.soak import hostile
from tests.survive.installations import InlineInstallation, InlineMeasured

pytestmark = [pytest.mark.soak, pytest.mark.skipif(shutil.which("cc") is None, reason="the customer is compiled with cc")]

MESSAGES, WINDOW = 100_000, 100
RATE, ROUND_MESSAGES, ROUNDS = 1_000, 5_000, 7


def write_down(name, figures):
    folder = Path("build/soak")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(figures, indent=2), encoding="utf-8")


def listen(installation, protocol):
    (port,) = free_ports(1)
    where = f"--address 127.0.0.1 --port {port} --connections-most 2000"
    installation.command(*f"listener add in --protocol {protocol} {where}".split())
    bounds = f"--sessions-most 50 --window-in {WINDOW} --window-out 100"
    installation.command(*f"account set {ACCOUNT} --protocol {protocol} {bounds} --source-rule ignore".split())
    return port


class First(InlineInstallation):
    """A platform whose only channel is another platform's listener."""

    def __init__(self, folder, protocol, port):
        super().__init__(folder)
        self.protocol, self.upstream = protocol, port

    def prepare(self):
        super().prepare()
        self.command("account", "add", ACCOUNT, "--userid", "7", "--secret-file", "-", "--points", "1000000000", stdin=SECRET)
        spoken = {"smpp": "smpp", "cmpp": "cmpp3"}[self.protocol]
        where = f"--protocol {spoken} --host 127.0.0.1 --port {self.upstream} --user {ACCOUNT} --secret-file -"
        self.command(*f"channel add up {where} --window 90 --connections 2".split(), stdin=SECRET)
        self.command("route", "add", "--carrier", "any", "--channel", "up")


@pytest.mark.parametrize("spoken", [SMPP, CMPP], ids=lambda spoken: spoken.name)
def test_all_reports_come_home_through_two_platforms(spoken, tmp_path):
    build()
    with MessageCentre() as centre, InlineMeasured(tmp_path / "second", centre=centre) as second:
        upstream = listen(second, spoken.name)
        second.start()
        with First(tmp_path / "first", spoken.name, upstream) as first:
            port = listen(first, spoken.name)
            first.start()
            began = time.monotonic()
            seen = flood(port, spoken, MESSAGES, 1, sessions=4, window=WINDOW, limit_s=600, wait_s=600)
            write_down(f"chain-{spoken.name}", seen | {"seconds": time.monotonic() - began, "centre": centre.stats()})

            assert (seen["ok"], seen["reports"]) == (MESSAGES, MESSAGES)
            assert (centre.stats()["submits"], set(centre.arrived(1, MESSAGES))) == (MESSAGES, {1})
            for installation in (first, second):
                assert json.loads(installation.command("ledger", "verify", "--json"))["differences"] == 0


def times_ms(port, spoken, first):
    seen = flood(port, spoken, ROUND_MESSAGES, first, sessions=4, window=WINDOW, rate=RATE)
    assert seen["ok"] == ROUND_MESSAGES
    return {"p50": seen["p50_us"] / 1e3, "p99": seen["p99_us"] / 1e3}


@pytest.mark.parametrize("spoken", [SMPP, CMPP], ids=lambda spoken: spoken.name)
def test_others_are_served_beside_a_customer_who_keeps_no_bounds(spoken, tmp_path):
    """Alone and beside it in turns, so that the machine's swings hit both alike."""
    build()
    with MessageCentre() as centre, InlineMeasured(tmp_path / "data", centre=centre) as installation:
        port = listen(installation, spoken.name)
        installation.command(
            "account",
            "add",
            hostile.ACCOUNT,
            "--userid",
            "8",
            "--secret-file",
            "-",
            "--points",
            "1000000000",
            stdin=hostile.SECRET,
        )
        installation.command("account", "set", hostile.ACCOUNT, "--protocol", spoken.name, "--sessions-most", "50")
        installation.start()
        flood(port, spoken, ROUND_MESSAGES, 1, sessions=4, window=WINDOW, rate=RATE)  # warm
        rounds = []
        for n in range(1, 1 + ROUNDS):
            alone = times_ms(port, spoken, 2 * n * ROUND_MESSAGES)
            with hostile.Hostile(port, spoken):
                beside = times_ms(port, spoken, (2 * n + 1) * ROUND_MESSAGES)
            rounds.append({"alone": alone, "beside": beside})
        ratios = {q: median(one["beside"][q] / one["alone"][q] for one in rounds) for q in ("p50", "p99")}
        write_down(f"hostile-{spoken.name}", {"median ratio": ratios, "rounds": rounds})
