"""The week before a demo's first start: what two customers would have sent, through the same steps, with the clock put back.

No rows are made up: requests are accepted, claimed, answered, reported and pulled, an hour in one transaction.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import Any

from hongyan.compose.snapshot import read_snapshot
from hongyan.model.account import Account
from hongyan.model.act import Act, Actor
from hongyan.model.channel import Channel
from hongyan.model.ids import HOUR_MS, IdSource, china_day, name_task
from hongyan.model.message import ReceiptState, SegmentResult
from hongyan.model.owed import OwedKind
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Submission
from hongyan.model.traffic import Answered, OutSegment, Receipt
from hongyan.ports.lane import Step
from hongyan.ports.tx import Tx
from hongyan.services.admin import billing
from hongyan.services.admin.sealing import Sealer
from hongyan.services.admit import admit
from hongyan.services.steps.dispatch import Claim, Record
from hongyan.services.steps.leases import ChannelHold
from hongyan.services.steps.owed import Pull
from hongyan.settings.settings import Settings
from hongyan.store.database import Database
from hongyan.workers.process_state import ProcessState
from hongyan.workers.steps import Steps

HOURS = 7 * 24
_BY_HOUR = (8, 5, 4, 4, 5, 8, 16, 36, 72, 104, 120, 112, 88, 100, 116, 120, 108, 96, 80, 72, 60, 44, 28, 16)
"""Numbers in requests, by the hour in China."""

_OWNER = "past"
_FAILURES = (("UNDELIV", 0.02), ("EXPIRED", 0.008), ("MK:0001", 0.006), ("DB:0141", 0.004))
_NO_REPORT = 0.006
_ANSWER_MS, _REPORT_MS = 90, 9_000

Texts = dict[str, Sequence[str]]
"""The texts of each account."""


def make_history(settings: Settings, database: Database, sealer: Sealer, texts: Texts, points: int, now_ms: int) -> None:
    """Give points to the accounts of these texts, and let them send for a week. Blocks for some seconds."""
    past = _History(read_snapshot(database, sealer, settings.limits, ConfigSnapshot(), now_ms), now_ms - HOURS * HOUR_MS)
    database.make_partitions(now_ms)
    with database.transaction() as tx:
        past.begin(tx, texts, points)
    for _hour in range(HOURS):
        with database.transaction() as tx:
            past.play_hour(tx, texts)
    with database.transaction() as tx:
        past.let_go(tx)


class _History:
    def __init__(self, snapshot: ConfigSnapshot, began_ms: int) -> None:
        self._now_ms = began_ms // HOUR_MS * HOUR_MS
        self._dice = random.Random(7)  # noqa: S311  the same week in every demo
        self._carrier_ids = count(10**15)
        self._epochs: dict[int, int] = {}
        self._state = ProcessState(snapshot, IdSource(0), lambda: self._now_ms, 500, ())
        self._steps = Steps(self._state)

    def begin(self, tx: Tx, names: Iterable[str], points: int) -> None:
        act = Act(Actor("system", "demo"), self._now_ms, self._state.ids)
        for name in names:
            billing.top_up(tx, act, self._state.snapshot.accounts[name].id, points)

    def play_hour(self, tx: Tx, texts: Texts) -> None:
        began = self._now_ms
        for name, choices in texts.items():
            self._now_ms = began + self._dice.randrange(HOUR_MS - 60_000)
            account = self._state.snapshot.accounts[name]
            self._send(tx, account, self._dice.choice(choices))
            for channel in self._state.snapshot.channels.values():
                self._carry(tx, channel)
            self._ask(tx, self._steps.pull, Pull(account, OwedKind.REPORT, 4_000, None))
        self._now_ms = began + HOUR_MS

    def let_go(self, tx: Tx) -> None:
        """Release the leases of the channels."""
        self._ask(tx, self._steps.hold_channels, ChannelHold(_OWNER, drop=self._epochs))

    def _send(self, tx: Tx, account: Account, text: str) -> None:
        hour = (self._now_ms // HOUR_MS + 8) % 24
        numbers = [self._number() for _each in range(_BY_HOUR[hour] + self._dice.randrange(16))]
        submission = Submission(account, numbers, text, source="sms.aspx", address="127.0.0.1")
        admission = admit(self._state.snapshot, submission, self._now_ms)
        day = china_day(self._now_ms)
        number = tx.take_count(f"task:{day}", 1) - 1
        admission.task_id, admission.sms_id = name_task(day, number, f"{self._dice.getrandbits(64):016x}")
        self._ask(tx, self._steps.accept, admission)

    def _number(self) -> str:
        return f"{self._dice.choice(('159', '159', '176', '189'))}{self._dice.randrange(10**8):08}"

    def _carry(self, tx: Tx, channel: Channel) -> None:
        """Do what a link and its carrier would do with what waits for a channel."""
        if channel.id not in self._epochs:
            held = self._ask(tx, self._steps.hold_channels, ChannelHold(_OWNER, take=(channel.id,), is_alone=True))
            self._epochs[channel.id] = held.taken[channel.id]
        epoch = self._epochs[channel.id]
        segments: list[OutSegment] | None = self._ask(tx, self._steps.claim, Claim(channel, _OWNER, epoch, 10_000))
        if not segments:
            return
        answers = [self._answered(segment) for segment in segments]
        parcels = sorted({segment.parcel_id for segment in segments})
        self._ask(tx, self._steps.record, Record(channel, epoch, answers, parcels))
        self._ask(tx, self._steps.receipts, list(self._receipts(channel, answers)))

    def _answered(self, segment: OutSegment) -> Answered:
        segment.submitted_ms = self._now_ms + self._dice.randrange(200)
        answered_ms = segment.submitted_ms + self._dice.randrange(20, _ANSWER_MS)
        return Answered(segment, SegmentResult.ACCEPTED, str(next(self._carrier_ids)), "", answered_ms)

    def _receipts(self, channel: Channel, answers: Sequence[Answered]) -> Iterator[Receipt]:
        for one in answers:
            if self._dice.random() < _NO_REPORT:
                continue
            code = self._code()
            state = ReceiptState.DELIVERED if code == "DELIVRD" else ReceiptState.FAILED
            came_ms = one.at_ms + self._dice.randrange(900, _REPORT_MS)
            yield Receipt(
                channel_id=channel.id,
                carrier_ids=(one.carrier_id,),
                phone=one.segment.phone,
                state=state,
                code=code,
                done_ms=came_ms - 200,
                received_ms=came_ms,
            )

    def _code(self) -> str:
        drawn = self._dice.random()
        for code, share in _FAILURES:
            if drawn < share:
                return code
            drawn -= share
        return "DELIVRD"

    def _ask(self, tx: Tx, step: Step[Any, Any], item: Any) -> Any:
        """raises: what the step answers if it refuses"""
        (answer,) = step.run(tx, [item])
        if isinstance(answer, Exception):
            raise answer
        return answer
