"""`kill -9` in the middle of the load, and what must be true afterwards.

The judge is the client's own log of answers: what was answered Success must have arrived at the message centre, and its report
at the customer. The load goes on through the kills, as customers' programs do, and the message centre repeats a report that
was not answered, as carriers do. A large task is accepted before the first kill, so that kills find it half released.
"""

import json
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import psycopg
from bench.installation import ACCOUNT, API_AND_LINK, CUSTOMER_ID, SECRET, SINGLE, Installation
from bench.postgres import postgres
from bench.tools import Load, MessageCentre, loading
from tests.survive.installations import InlineMeasured
from tests.survive.lostwrites import Diary
from tests.survive.postmaster import postmaster

WINDOW = 100
_NUMBERS = 20_000  # of the large task; their tags are the first
_RATE = 1_500  # requests a second: leaves the machine room for the restarts
_UP_S = (0.3, 1.5)  # how long the processes run between two kills
_PUSHED_AGAIN = {"HONGYAN_LIMITS__PUSH_DELAYS_S": "0,1,5"}  # what a kill cut off need not wait for half a minute
_QUIET_S = 20.0  # far beyond the last attempt of a push
_SETTLE_S = 240.0


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What a number of kills left behind; the claims below are about these figures."""

    kills: int
    accepted: int
    missing: int  # answered Success, never at the message centre
    doubled: int  # arrivals beyond the first
    unreported: int  # answered Success, no report at the customer
    open_messages: int  # in the store, not in a final state
    undelivered: int  # in the store, final, not delivered
    ledger: dict[str, object]  # as `ledger verify --json` prints it
    counters: dict[str, object]  # as `stats --verify --json` prints it

    @property
    def doubles_allowed(self) -> int:
        """Two windows a link a kill: what was sent and not committed as answered."""
        return 2 * WINDOW * self.kills

    def losses(self) -> list[str]:
        """Every promise that was not kept, with its figure."""
        kept = {
            "something was accepted": self.accepted > 0,
            f"missing at the message centre: {self.missing}": self.missing == 0,
            f"without a report at the customer: {self.unreported}": self.unreported == 0,
            f"doubled: {self.doubled} of {self.doubles_allowed}": self.doubled <= self.doubles_allowed,
            f"without a final state: {self.open_messages}": self.open_messages == 0,
            f"final but not delivered: {self.undelivered}": self.undelivered == 0,
            f"ledger: {self.ledger}": self.ledger.get("differences") == 0,
            f"counters: {self.counters}": self.counters.get("differences") == 0,
        }
        return [what for what, is_kept in kept.items() if not is_kept]


def survive(engine: str, kills: int, seed: int, folder: Path) -> Aftermath:
    """Kill so often, at moments that the seed decides; on PostgreSQL the doors, the links, or both."""
    dice = random.Random(seed)
    if engine == "sqlite":
        with (
            MessageCentre() as centre,
            InlineMeasured(folder / "data", centre=centre, window=WINDOW, environment=_PUSHED_AGAIN) as installation,
        ):
            return _through_kills(installation, centre, kills, dice, installation.kill)
    with (
        tempfile.TemporaryDirectory(prefix="hongyan-") as apart,  # pytest closes its own folder to PostgreSQL's user
        postgres(Path(apart, "pg")) as server,
        MessageCentre() as centre,
        InlineMeasured(
            folder / "data", server.uri, API_AND_LINK, centre=centre, window=WINDOW, environment=_PUSHED_AGAIN
        ) as installation,
    ):
        return _through_kills(installation, centre, kills, dice, lambda: installation.kill(*_victims(dice)))


def survive_in_two(victims: Sequence[str], kills: int, seed: int, folder: Path) -> Aftermath:
    """SQLite, the doors in a process of their own: `kill -9` of one of these or the other."""
    dice = random.Random(seed)
    environment = _PUSHED_AGAIN | {"HONGYAN_DUTIES__PROCESSES": "2"}
    with (
        MessageCentre() as centre,
        InlineMeasured(folder / "data", centre=centre, window=WINDOW, environment=environment) as installation,
    ):
        return _through_kills(installation, centre, kills, dice, lambda: installation.kill_named(dice.choice(victims)))


def survive_crashes(crashes: int, seed: int, folder: Path) -> Aftermath:
    """PostgreSQL only: `kill -9` of the postmaster, alone or with its processes; ours live on."""
    dice = random.Random(seed)
    with (
        postmaster() as server,
        MessageCentre() as centre,
        InlineMeasured(
            folder / "data", server.uri, API_AND_LINK, centre=centre, window=WINDOW, environment=_PUSHED_AGAIN
        ) as installation,
    ):

        def crash() -> None:
            dice.choice([server.kill, server.kill_alone])()
            server.start()

        return _through_kills(installation, centre, crashes, dice, crash)


def survive_power_loss(losses: int, seed: int, folder: Path) -> Aftermath:
    """SQLite only: each kill also throws away what was never synced to the disk."""
    dice = random.Random(seed)
    with (
        MessageCentre() as centre,
        InlineMeasured(folder / "data", centre=centre, window=WINDOW, environment=_PUSHED_AGAIN) as installation,
    ):
        diary = Diary(installation.folder, folder)

        def lose() -> None:
            nonlocal diary
            installation.lose_power()
            diary.lose_power(dice)
            diary = Diary(installation.folder, folder)
            installation.environment = _PUSHED_AGAIN | diary.environment

        installation.environment = _PUSHED_AGAIN | diary.environment

        return _through_kills(installation, centre, losses, dice, lose)


def _through_kills(
    installation: Installation, centre: MessageCentre, kills: int, dice: random.Random, kill: Callable[[], None]
) -> Aftermath:
    installation.start()
    with loading(
        installation.port,
        SINGLE,
        messages=70_000_000,
        first_tag=_NUMBERS + 1,
        rate=_RATE,
        limit_s=_load_s(kills),
        survives=True,
    ) as load:
        _post_task(installation)
        for _ in range(kills):
            time.sleep(dice.uniform(*_UP_S))
            kill()
            installation.start()
        load.finish()
        answers = _with_task(load.result())
    _settle(centre, answers)
    return _look(installation, centre, answers, kills)


def _post_task(installation: Installation) -> None:
    mobiles = ",".join(f"138{tag:08}" for tag in range(1, _NUMBERS + 1))
    form = {
        "action": "send",
        "userid": str(CUSTOMER_ID),
        "account": ACCOUNT,
        "password": SECRET,
        "mobile": mobiles,
        "content": "您好【测试】",
    }
    with urlopen(f"http://127.0.0.1:{installation.port}/sms.aspx", urlencode(form).encode(), timeout=60) as answer:
        assert b"Success" in answer.read()


def _with_task(answers: Load) -> Load:
    tags = [*range(1, _NUMBERS + 1), *answers.tags]
    return replace(answers, sent=answers.sent + _NUMBERS, accepted=answers.accepted + _NUMBERS, tags=tags)


def _load_s(kills: int) -> float:
    return 30.0 + 40.0 * kills


def _victims(dice: random.Random) -> tuple[str, ...]:
    return dice.choice([API_AND_LINK[:1], API_AND_LINK[1:], API_AND_LINK])


def _settle(centre: MessageCentre, answers: Load) -> None:
    """Wait until every accepted message was reported, or nothing moves any more."""
    limit, moved, seen = time.monotonic() + _SETTLE_S, time.monotonic(), -1
    while time.monotonic() < min(limit, moved + _QUIET_S):
        stats = centre.stats()
        if stats["cb_uniq"] + stats["uniq"] > seen:
            moved, seen = time.monotonic(), stats["cb_uniq"] + stats["uniq"]
        if stats["uniq"] == stats["cb_uniq"] >= answers.accepted and not stats["dlr_queued"]:
            return
        time.sleep(0.2)


def _look(installation: Installation, centre: MessageCentre, answers: Load, kills: int) -> Aftermath:
    arrived, reported = centre.arrived(0, answers.sent + 2), centre.called_back(0, answers.sent + 2)
    ledger = json.loads(installation.command("ledger", "verify", "--json"))
    states = _states(installation)
    return Aftermath(
        kills=kills,
        accepted=answers.accepted,
        missing=sum(1 for tag in answers.tags if not arrived[tag]),
        doubled=sum(count - 1 for count in arrived if count),
        unreported=sum(1 for tag in answers.tags if not reported[tag]),
        open_messages=sum(count for state, count in states.items() if state < 10),
        undelivered=sum(count for state, count in states.items() if state > 10),
        ledger=ledger,
        counters=json.loads(installation.command("stats", "--verify", "--from", yesterday(), "--to", today(), "--json")),
    )


def today() -> str:
    """China's day, as the counters have it."""
    return f"{datetime.now(_CHINA):%Y-%m-%d}"


def yesterday() -> str:
    return f"{datetime.now(_CHINA) - timedelta(days=1):%Y-%m-%d}"


_CHINA = timezone(timedelta(hours=8))


def _states(installation: Installation) -> dict[int, int]:
    """How many messages the store has in each state; FIRST_FINAL is 10, DELIVERED."""
    counting = "SELECT state, count(*) FROM message GROUP BY state"
    if installation.database:
        with psycopg.connect(installation.database) as line:
            return dict(line.execute(counting).fetchall())
    [file] = installation.folder.glob("*.db")
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as line:
        return dict(line.execute(counting).fetchall())
