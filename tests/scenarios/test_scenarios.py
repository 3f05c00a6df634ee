"""Every pain of peers, one file each: our build passes it; with the known bug put back it does not."""

import asyncio

import pytest
from tests.scenarios.play import FOLDER, Stage, check, read_scenario

from hongyan.adapters.carrier_ids import CarrierIds
from hongyan.adapters.smpp.client import SmppClient
from hongyan.carriers.listener import Listener
from hongyan.carriers.pace import Rate
from hongyan.carriers.queued_link import QueuedLink
from hongyan.compose.process_start import clock
from hongyan.model.channel import Channel, ReceiptsGiven
from hongyan.policy.receipts import fold
from hongyan.services.steps import segmenting, verdicts
from hongyan.settings.load import load
from hongyan.sockets.connection import Connection
from hongyan.store.sql.report import ReportSql
from hongyan.workers.deliveries import DeliveryQueue

NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))
PATIENCE_S = 30.0


pytestmark = pytest.mark.usefixtures("tuned_process")


@pytest.fixture
def play(request, tmp_path, monkeypatch):
    """`play("name")`: the scenario on a store of its own, checked."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("hongyan.sim.session._DRIP_S", 0.01)

    def play(name, within_s=PATIENCE_S):
        scenario = read_scenario(name)
        store = request.getfixturevalue(f"{scenario.get('store', 'sqlite')}_store")
        store.make_partitions(clock())
        where = {} if store.is_sqlite else {"url": store.url}
        listen = {"host": "127.0.0.1", "port": 0, "ops_port": 0}
        settings = load(
            {
                "data": tmp_path,
                "store": {"key": "11" * 32} | where,
                "listen": listen,
                "limits": {"drain_s": 0.3, "push_total_s": 2},
                "retention": {"messages_days": 10_000},  # the months of the tests' one PostgreSQL are long past
            }
        ).settings

        async def go():
            async with Stage(scenario, settings, within_s) as stage:
                return await stage.play()

        check(scenario, asyncio.run(go()))

    return play


@pytest.mark.parametrize("name", NAMES)
def test_what_peers_suffer_from_we_do_not(play, name):
    play(name)


# --- the known bugs, put back --------------------------------------------------------------------------------------------


def _only_what_was_there(_self, receipts, _now_ms):  # what outran its answer is dropped
    return []


def _last_part_alone(_given, parts, outcomes):
    return fold(ReceiptsGiven.LAST, parts, {n: outcome for n, outcome in outcomes.items() if n == parts})


def _as_often_as_it_takes(self, segments):
    self._queue.extendleft(reversed(segments))
    return len(segments)


def _refused_at_once(self, piece):
    self._refuse([piece])


FREE = vars(Connection)["free"].__get__  # of the property as it is

BUGS = {
    "report-before-answer": (ReportSql, "_match_others", _only_what_was_there),
    "id-in-other-base": (CarrierIds, "_names", lambda _self, plain: (plain,)),
    "report-of-last-part-only": (verdicts, "fold", _last_part_alone),
    "throttled-loses-its-report": (SmppClient, "faults", {}),
    "limiter-rejects-a-burst": (Rate, "take", lambda _self, most, _limit, _now: most),
    "one-outstanding": (Connection, "free", property(lambda self: min(FREE(self), 1 - self.session.pending))),
    "answers-after-the-time-out": (QueuedLink, "_take_unanswered", _as_often_as_it_takes),
    "login-in-reverse-refused": (Listener, "_judge", lambda _self, connection, _login: connection.abort()),
    "carrier-signs": (Channel, "stamp", None),
    "store-is-full": (DeliveryQueue, "_hold", _refused_at_once),
    "old-messages-days-later": (segmenting, "made_ms", lambda _id: clock()),
}
"""Scenario → where the bug is put back, and what stands there then."""


@pytest.mark.interpreted
@pytest.mark.parametrize("name", BUGS)
def test_with_the_bug_put_back_its_scenario_is_red(play, monkeypatch, name):
    place, what, bug = BUGS[name]
    monkeypatch.setattr(place, what, bug)

    with pytest.raises(AssertionError):
        play(name, within_s=3)
