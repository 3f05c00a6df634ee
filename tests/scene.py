"""A store with accounts, channels and routes, on which steps are run one by one: each in a transaction, as a lane runs them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from hongyan.model.account import Account, AccountChange, ChargeRule, PayMode
from hongyan.model.act import Act, Actor
from hongyan.model.channel import Channel
from hongyan.model.destination import Carrier
from hongyan.model.ids import IdSource
from hongyan.model.message import MessageState, ReceiptState, SegmentResult
from hongyan.model.owed import OwedKind
from hongyan.model.prefixes import PrefixTable
from hongyan.model.protocol import Protocol
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Accepted, Admission, Submission
from hongyan.model.traffic import Answered, OutSegment, Receipt, ReplyPart
from hongyan.ports.lane import Step
from hongyan.services.admin import accounts, billing, channels
from hongyan.services.admin.sealing import Sealer
from hongyan.services.admit import admit
from hongyan.services.queries.lists.listing import Listing, ListQuery, read_list
from hongyan.services.snapshot import load_snapshot
from hongyan.services.steps.dispatch import Claim, Record, Recorded
from hongyan.services.steps.leases import ChannelHold
from hongyan.services.steps.owed import Items, Pull
from hongyan.store import schema
from hongyan.store.database import Database
from hongyan.store.engine.connection import Connection
from hongyan.store.sql.tx import SqlTx
from hongyan.workers.process_state import ProcessState
from hongyan.workers.steps import Steps

NOW = 1_770_000_000_000  # 2026-02-02, 10:40 in China
HOUR_MS = 3_600_000
POINTS = 10_000
CREDIT = 50
UP1, UP2, UP3 = 1, 2, 3
ME = "me"
ACTOR = Actor("system", "test")
SEALER = Sealer(bytes(32))
PREFIXES = PrefixTable.of({"138": Carrier.MOBILE, "130": Carrier.UNICOM})
LONG = "一" * 150  # three segments

ACCOUNTS = (
    accounts.NewAccount("pre", 11, "abc123", AccountChange(extno="12")),
    accounts.NewAccount("taken", 12, "abc123", AccountChange(charge_rule=ChargeRule.ACCEPTED)),
    accounts.NewAccount("delivered", 13, "abc123", AccountChange(charge_rule=ChargeRule.DELIVERED, extno="123")),
    accounts.NewAccount("post", 14, "abc123", AccountChange(pay_mode=PayMode.POSTPAID)),
    accounts.NewAccount("pushed", 15, "abc123", AccountChange(push_url="http://127.0.0.1:9/cb", push_private=True)),
)


def mobiles(count: int, first: int = 0) -> list[str]:
    """So many numbers of one carrier."""
    return [f"138{number:08}" for number in range(first, first + count)]


def furnish(database: Database) -> None:
    """Accounts, and three channels that every message may take, tried in order: 1, 2, 3."""
    with database.transaction() as tx:
        act = Act(ACTOR, NOW, IdSource(0))
        for spec in ACCOUNTS:
            account_id = accounts.add_account(tx, act, spec, SEALER)
            if spec.settings.pay_mode is None:
                billing.top_up(tx, act, account_id, POINTS)
            else:
                billing.set_credit(tx, act, account_id, CREDIT)
        for tier, name in enumerate(("up1", "up2", "up3")):
            channel = Channel(0, name, Protocol.SMPP, "127.0.0.1", 2775, "u", "p", access=f"1069000{tier + 1}")
            channels.add_channel(tx, act, channel, SEALER)
            channels.add_route(tx, act, name, None, None, tier, 1)


class Scene:
    """A furnished store under one connection. Time stands still until `now` is moved."""

    def __init__(self, database: Database, node: int = 1, connection: Connection | None = None) -> None:
        self.database = database
        self.connection = connection or database.connect()
        if database.is_sqlite:
            self.connection.plain("PRAGMA synchronous = OFF")  # what a test commits need not outlive a power cut
        self.now = NOW
        self.ids = IdSource(node)
        snapshot = self.within(lambda tx: load_snapshot(tx, SEALER, PREFIXES, 100_000))
        self.process_state = ProcessState(snapshot, self.ids, lambda: self.now, 500, (30_000, 120_000))
        self.steps = Steps(self.process_state)
        self.epochs: dict[int, int] = {}
        self._tasks = 0

    def close(self) -> None:
        self.connection.close()

    # --- what any test needs -----------------------------------------------------------------------------------------

    @property
    def snapshot(self) -> ConfigSnapshot:
        return self.process_state.snapshot

    def within(self, what: Callable[[SqlTx], Any]) -> Any:
        """One transaction."""
        with self.connection.transaction():
            tx = SqlTx(self.connection)
            answer = what(tx)
            tx.before_commit()
        for call in tx.calls:
            call()
        return answer

    def listed(
        self, listing: Listing, most: int = 100, *, after: Any = None, is_full: bool = False, **given: Any
    ) -> list[dict[str, Any]]:
        """The rows of a list."""
        query = ListQuery(most, self.now, given, after, is_full)
        rows: list[dict[str, Any]] = self.within(lambda tx: read_list(tx, listing, query).rows)
        return rows

    def act(self) -> Act:
        """Of a test, now."""
        return Act(ACTOR, self.now, self.ids)

    def run(self, step: Step[Any, Any], *items: Any) -> list[Any]:
        """One step over a batch, committed; one answer an item."""
        return self.within(lambda tx: list(step.run(tx, list(items))))

    def ask(self, step: Step[Any, Any], item: Any = None) -> Any:
        (answer,) = self.run(step, item)
        return answer

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Everything in a table, in the order of its key."""
        found = schema.metadata.tables[table]
        return self.within(lambda tx: tx.db.core(select(found).order_by(*found.primary_key.columns)))

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """All rows, but for what every commit leaves behind."""
        return {table: self.rows(table) for table in schema.metadata.tables if table != "commit_mark"}

    def account(self, name: str) -> Account:
        return self.snapshot.accounts[name]

    def channel(self, channel_id: int = UP1) -> Channel:
        return self.snapshot.channels[channel_id]

    def change_channel(self, channel_id: int = UP1, **values: Any) -> None:
        """Set other settings of a channel, as a new ConfigSnapshot would."""
        changed = {**self.snapshot.channels, channel_id: replace(self.channel(channel_id), **values)}
        self.process_state.snapshot = replace(self.snapshot, channels=changed)

    # --- out ------------------------------------------------------------------------------------------------------

    def admission(
        self, account: str = "pre", numbers: Sequence[str] = ("13800138000",), text: str = "您好", **others: Any
    ) -> Admission:
        """What the doors hand to the lane: admitted, with its task id."""
        admission = admit(self.snapshot, Submission(self.account(account), list(numbers), text, **others), self.now)
        self._tasks += 1
        admission.task_id = 260202 * 10**10 + self._tasks
        admission.sms_id = f"{admission.task_id:032x}"
        return admission

    def next_task(self, task_id: int) -> None:
        """The id of the task that is sent next."""
        self._tasks = task_id - 260202 * 10**10 - 1

    def send(
        self, account: str = "pre", numbers: Sequence[str] = ("13800138000",), text: str = "您好", **others: Any
    ) -> Accepted:
        answer = self.ask(self.steps.accept, self.admission(account, numbers, text, **others))
        assert isinstance(answer, Accepted), answer
        return answer

    def own(self, channel_id: int = UP1, owner: str = ME) -> int:
        """Begin a new epoch of a channel, also if another owner has it."""
        held = self.ask(self.steps.hold_channels, ChannelHold(owner, take=(channel_id,), is_alone=True))
        self.epochs[channel_id] = held.taken[channel_id]
        return self.epochs[channel_id]

    def claim(self, channel_id: int = UP1, most: int = 10_000) -> list[OutSegment]:
        if channel_id not in self.epochs:
            self.own(channel_id)
        asked = Claim(self.channel(channel_id), ME, self.epochs[channel_id], most)
        while (segments := self.ask(self.steps.claim, asked)) == []:
            pass  # nothing to send in these parcels: the owner asks at once for others
        return segments or []

    def accepted(self, segment: OutSegment, carrier_id: str) -> Answered:
        return Answered(segment, SegmentResult.ACCEPTED, carrier_id, "", self.now)

    def refused(self, segment: OutSegment, code: str = "88") -> Answered:
        return Answered(segment, SegmentResult.REFUSED, "", code, self.now)

    def unanswered(self, segment: OutSegment) -> Answered:
        return Answered(segment, SegmentResult.UNANSWERED, "", "", self.now)

    def heard(self, answers: Sequence[Answered], channel_id: int = UP1, done: Iterable[int] | None = None) -> Record:
        """Returns what a worker hands to the lane. done: parcels that are finished; by default those of the answers."""
        parcels = {a.segment.parcel_id for a in answers} if done is None else done
        return Record(self.channel(channel_id), self.epochs[channel_id], answers, sorted(parcels))

    def record(self, answers: Sequence[Answered], channel_id: int = UP1, done: Iterable[int] | None = None) -> Recorded:
        recorded: Recorded = self.ask(self.steps.record, self.heard(answers, channel_id, done))
        return recorded

    def sent(self, account: str = "pre", count: int = 1, text: str = "您好", channel_id: int = UP1) -> list[OutSegment]:
        """Messages that the carrier accepted under the ids c1, c2, … in order of their segments."""
        self.send(account, mobiles(count), text)
        segments = self.claim(channel_id)
        self.record([self.accepted(segment, f"c{n}") for n, segment in enumerate(segments, 1)], channel_id)
        return segments

    # --- back -----------------------------------------------------------------------------------------------------

    def receipt(
        self,
        *carrier_ids: str,
        state: ReceiptState = ReceiptState.DELIVERED,
        code: str = "DELIVRD",
        phone: int = 0,
        channel_id: int = UP1,
    ) -> Receipt:
        return Receipt(channel_id, carrier_ids, phone, state, code, self.now, self.now)

    def report(self, *receipts: Receipt) -> set[int]:
        """Take receipts as one batch; returns the accounts that are owed."""
        owed: set[int] = self.ask(self.steps.receipts, list(receipts))
        return owed

    def reply(self, body: str, dest: str = "1069000112", phone: int = 8613800138000, **others: Any) -> ReplyPart:
        return ReplyPart(UP1, phone, dest, body.encode("utf-16-be"), others.pop("carrier_id", ""), self.now, **others)

    def pull(
        self,
        account: str = "pre",
        kind: OwedKind = OwedKind.REPORT,
        most: int = 4_000,
        task_id: int | None = None,
        *,
        is_again: bool = False,
    ) -> Items:
        items: Items = self.ask(self.steps.pull, Pull(self.account(account), kind, most, task_id, is_again))
        return items

    # --- claims ------------------------------------------------------------------------------------------------------

    def states(self) -> list[MessageState]:
        """The messages' states, in the order of their ids."""
        return [MessageState(row["state"]) for row in self.rows("message")]

    def points(self, account: str = "pre") -> int:
        wallet = self.within(lambda tx: tx.read_wallet(self.account(account).id, 1))
        assert wallet is not None
        return wallet.points

    def parked(self) -> list[str]:
        """Receipts that wait for their segment, by the spelling under which they wait."""
        return [row["carrier_id"] for row in self.rows("carrier_ref") if row["message_id"] is None]

    def books_balance(self) -> bool:
        """Whether every wallet is the sum of its entries."""
        _, differing = self.within(billing.verify)
        return differing == []
