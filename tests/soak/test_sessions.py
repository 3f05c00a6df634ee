"""Customers' sessions in long numbers: a chain of two platforms by SMPP and CMPP, and neighbours of a customer who keeps no bounds.

Figures are written to build/soak.
"""

import json
import shutil
import time

import pytest
from bench import hostile_customer
from bench.flood import CMPP, SMPP, flood
from bench.hostile_sessions import beside_hostile, compared
from bench.installation import ACCOUNT, SECRET
from bench.tools import MessageCentre, build, free_ports
from tests.survive.figures import write_down
from tests.survive.installations import InlineInstallation, InlineMeasured

pytestmark = [pytest.mark.soak, pytest.mark.skipif(shutil.which("cc") is None, reason="the customer is compiled with cc")]

MESSAGES, PIECE, WINDOW = 100_000, 10_000, 100


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
    """Piece by piece: the figures of those that are done show how far it is."""
    build()
    pieces = []
    with MessageCentre() as centre, InlineMeasured(tmp_path / "second", centre=centre) as second:
        upstream = listen(second, spoken.name)
        second.start()
        with First(tmp_path / "first", spoken.name, upstream) as first:
            port = listen(first, spoken.name)
            first.start()
            for first_tag in range(1, MESSAGES, PIECE):
                began = time.monotonic()
                seen = flood(port, spoken, PIECE, first_tag, sessions=4, window=WINDOW, limit_s=300, wait_s=300)
                pieces.append(seen | {"seconds": time.monotonic() - began})
                write_down(f"chain-{spoken.name}", {"pieces": pieces, "centre": centre.stats()})

                assert (seen["ok"], seen["reports"]) == (PIECE, PIECE)
            assert (centre.stats()["submits"], set(centre.arrived(1, MESSAGES))) == (MESSAGES, {1})
            for installation in (first, second):
                assert json.loads(installation.command("ledger", "verify", "--json"))["differences"] == 0


@pytest.mark.parametrize("kind", hostile_customer.KINDS)
@pytest.mark.parametrize("spoken", [SMPP, CMPP], ids=lambda spoken: spoken.name)
def test_others_are_served_beside_a_customer_who_keeps_no_bounds(spoken, kind, tmp_path):
    """Every message of theirs is accepted; how long that takes is a figure."""
    write_down(f"hostile-{spoken.name}-{kind}", compared(beside_hostile(tmp_path, spoken, kind, pairs=2)))
