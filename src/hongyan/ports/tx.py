"""What a step may do inside its transaction. The store gives it; the steps know nothing else of the database.

Every call is safe inside a repeated transaction; who begins and ends it is the lane.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from hongyan.model.act import Act
from hongyan.model.channel import Parcel
from hongyan.model.ledger import Entry, Sums, Wallet
from hongyan.model.message import MessageState, ReceiptOutcome, Verdict
from hongyan.model.mms import Media
from hongyan.model.owed import OwedKind, OwedReply, OwedReport, OwedState, Pushed
from hongyan.model.rows import (
    ClaimedMessage,
    MetReceipt,
    NewMessage,
    NewTask,
    OpenMessage,
    PageCursor,
    PartRow,
    TaskSlice,
)
from hongyan.model.traffic import Answered, Receipt
from hongyan.ports.inbound import InboundTx
from hongyan.ports.retention import RetentionTx


class Tx(InboundTx, RetentionTx, Protocol):
    # --- accept ----------------------------------------------------------------------------------------------

    def known_references(self, asked: Sequence[tuple[int, int, str, bytes]]) -> dict[int, tuple[bool, str]]:
        """Those of the client references that were answered before.

        asked:   for each a place of the caller's, the account's id, the reference, the digest of what was submitted
        returns: by place, whether the same was submitted under it, and the first answer
        """
        ...

    def add_references(self, answered: Iterable[tuple[int, str, bytes, str]], now_ms: int) -> None:
        """Remember answers: account, reference, digest, answer. Fails when another process answered one meanwhile."""
        ...

    def lock_wallets(self, keys: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Wallet]: ...

    def add_tasks(self, tasks: Sequence[NewTask]) -> None: ...

    def add_messages(self, messages: Sequence[NewMessage]) -> None: ...

    def add_parcels(self, parcels: Sequence[Parcel]) -> None: ...

    def post(self, entries: Sequence[Entry], now_ms: int) -> None:
        """Write entries and move their wallets by the sum."""
        ...

    def post_returns(self, entries: Sequence[Entry], now_ms: int) -> None:
        """The same for points that come back; they are counted for the metrics once this is committed."""
        ...

    def add_load(self, part: TaskSlice) -> None: ...

    # --- media -----------------------------------------------------------------------------------------------

    def lock_media(self) -> int:
        """Let nobody else add or drop media until the end of the transaction; gives their octets in all."""
        ...

    def add_media(self, task_id: int, media: Sequence[Media], used_ms: int) -> None:
        """Keep the parts of a task's MMS, each once whoever sends it; media are locked."""
        ...

    def add_reply_media(self, reply_id: int, media: Sequence[Media], used_ms: int) -> None:
        """Keep the parts of an MMS that a handset sent; media are locked."""
        ...

    def media_of_reply(self, reply_id: int) -> tuple[Media, ...]:
        """The parts of a reply in order; a part that was dropped is empty."""
        ...

    def last_mms_from(self, phone: int) -> int | None:
        """The newest reply of a phone that came as an MMS."""
        ...

    def media_of(self, message_ids: Sequence[int]) -> dict[int, tuple[Media, ...]]:
        """The parts of these messages' MMS, in order; messages of one task share them. A part that was dropped is empty."""
        ...

    def prune_media(self, before_ms: int) -> int:
        """Drop up to 100 parts that were last used before; gives how many."""
        ...

    # --- release ---------------------------------------------------------------------------------------------

    def next_slice(self, now_ms: int) -> TaskSlice | None:
        """Lock the next unreleased slice of a task whose time has come."""
        ...

    def slice_done(self, part: TaskSlice, first_id: int, last_id: int) -> None:
        """Never again; the last one ends the task's release and drops its slices."""
        ...

    def next_release_ms(self) -> int | None: ...

    # --- dispatch --------------------------------------------------------------------------------------------

    def holds_lease(self, channel_id: int, owner: str, epoch: int) -> bool: ...

    def claim_parcels(self, channel_id: int, epoch: int, most: int, *, may_cut_short: bool = False) -> list[ClaimedMessage]:
        """Move ready parcels to this epoch until about `most` messages are had; give their queued members in order.

        may_cut_short: this channel may make parts of a message that is charged as one segment
        """
        ...

    def return_parcels(self, channel_id: int, epoch: int) -> int:
        """Parcels that an earlier owner claimed are ready again."""
        ...

    def close_parcels(self, parcel_ids: Iterable[int], epoch: int) -> None:
        """Forget parcels of which nothing is queued any more."""
        ...

    def unclaimed(self, channel_id: int, after: tuple[int, int]) -> tuple[list[tuple[int, int]], list[int]]:
        """Lock a few ready parcels of a channel behind a place (priority, parcel); what is claimed is already leaving.

        Gives their places in order, and their queued messages.
        """
        ...

    def drop_empty(self, parcel_ids: Iterable[int]) -> None:
        """Forget those of these parcels that have no queued message left."""
        ...

    def add_segments(self, answers: Sequence[Answered], channel_id: int) -> None: ...

    def mark_sent(self, rows: Sequence[tuple[int, MessageState, int]]) -> None:
        """Move open messages to SENDING, SENT or IN_DOUBT: (message, state, at)."""
        ...

    def parts_of(self, message_ids: Iterable[int]) -> dict[int, list[PartRow]]: ...

    def requeue(self, rows: Sequence[tuple[int, int, int, str]]) -> None:
        """Give open messages to another channel: (message, channel, parcel, channels tried)."""
        ...

    def name_answers(self, answers: Sequence[Answered], channel_id: int, now_ms: int) -> list[MetReceipt]:
        """Store carrier ids; give the receipts that were there first.

        A carrier that uses an id again gets a fresh row: the older use moves up in `n` and is closed to receipts.
        """
        ...

    def tickets_of(self, message_ids: Iterable[int]) -> dict[tuple[int, int, int], int]:
        """What an earlier owner gave to segments of these messages and nobody answered: (message, part, attempt) → number."""
        ...

    def add_tickets(self, rows: Sequence[tuple[int, int, int, int]]) -> None:
        """(message, part, attempt, number)"""
        ...

    def drop_tickets(self, places: Sequence[tuple[int, int, int]]) -> None: ...

    def prune_tickets(self, before: int) -> int:
        """Drop up to 2,000 that were given before this id was made; gives how many."""
        ...

    # --- report ----------------------------------------------------------------------------------------------

    def match_receipts(self, receipts: Sequence[Receipt], now_ms: int) -> list[MetReceipt]:
        """Store receipts under their carrier ids; give those whose segment is known. A repeat changes nothing.

        What fits no segment waits under its first spelling, once the other spellings were tried. A receipt for a message
        of one part is not written beside its segment: the verdict says all of it (see `note_receipts`).
        """
        ...

    def count_receipts(self, channel_id: int, outcome: ReceiptOutcome, count: int = 1) -> None:
        """For the metrics, once the transaction is committed."""
        ...

    def note_receipts(self, met: Sequence[MetReceipt]) -> None:
        """Keep receipts beside their segments: those that came after a verdict, to be shown."""
        ...

    def match_spelling(self, receipt: Receipt) -> MetReceipt | None:
        """Try the less likely spellings of an id, guarded by the phone; a parked first spelling goes when one fits."""
        ...

    def lock_messages(self, message_ids: Iterable[int]) -> list[OpenMessage]:
        """Those of the messages that have no verdict yet, in id order."""
        ...

    def finish(self, verdicts: Sequence[tuple[int, Verdict]]) -> None:
        """Give open messages, locked before, their verdicts."""
        ...

    def owe(self, kind: OwedKind, rows: Sequence[tuple[int, int, int]], now_ms: int) -> None:
        """Owe to customers: (message or mo, account, task). A repeat changes nothing."""
        ...

    def note_resent(self, rows: Sequence[tuple[int, int, str, int, int]]) -> None:
        """Keep why messages were sent once more: (message, channel that failed, code, failed at, sent again at)."""
        ...

    def silent_messages(self, now_ms: int, made_before: int) -> list[int]:
        """Up to 1,000 sent messages whose account's time without a receipt is over."""
        ...

    def slipped(self, after: PageCursor, until_parcel: int) -> tuple[list[MetReceipt], PageCursor | None]:
        """Receipts that met their segment while their message stayed open: a crash came between.

        Looks at one page of open messages behind a place (parcel, message); gives the next place, None at the end.
        """
        ...

    def unreported(
        self, channel_id: int, after: PageCursor, since_ms: int, until_ms: int
    ) -> tuple[list[str], PageCursor | None]:
        """The carrier ids of a channel's messages that were sent within a span and have no verdict; pages as above."""
        ...

    def parked_of(self, channel_id: int, since_ms: int, until_ms: int) -> list[Receipt]:
        """Up to 1,000 receipts of a channel that fit no segment."""
        ...

    def match_doubt(self, receipt: Receipt, since_ms: int) -> MetReceipt | None:
        """Give a receipt to the one unanswered segment to its phone that was submitted since; none or several: to nobody."""
        ...

    def parked(self, since_ms: int, until_ms: int) -> list[Receipt]:
        """Up to 1,000 receipts that wait and have other spellings to try."""
        ...

    # --- codes -----------------------------------------------------------------------------------------------

    def note_unknown_codes(self, rows: Sequence[tuple[int, str, int]], now_ms: int) -> None:
        """Count codes that ended messages: (channel, code, how often). About 1,000 are kept."""
        ...

    def unknown_codes(self) -> list[dict[str, Any]]:
        """All of them, the most frequent first, with the names of their channels."""
        ...

    def forget_unknown_code(self, code: str, channel_id: int | None) -> None:
        """It is explained now, on one channel or on all."""
        ...

    # --- owed ------------------------------------------------------------------------------------------------

    def pick_owed(
        self, account_id: int, kind: OwedKind, state: OwedState, now_ms: int, most: int, task_id: int | None = None
    ) -> list[int]:
        """Lock up to `most` owed rows that are due, oldest first, of one task if given."""
        ...

    def pick_again(self, account_id: int, task_id: int, most: int, *, with_waiting: bool) -> list[int]:
        """Lock up to `most` reports of one task, had before or not, those longest ago first; such as wait where it is asked."""
        ...

    def move_owed(self, owed_ids: Sequence[int], state: OwedState, at_ms: int) -> None: ...

    def owed_reports(self, owed_ids: Sequence[int]) -> list[OwedReport]: ...

    def owed_replies(self, owed_ids: Sequence[int]) -> list[OwedReply]: ...

    def add_attempt(self, attempt_id: int, account_id: int, kind: OwedKind, items: int, url: str, pushed: Pushed) -> bool:
        """Whether it is new."""
        ...

    def mark_pushed(self, owed_ids: Sequence[int], attempt_id: int, now_ms: int) -> None: ...

    def attempts_of(self, owed_ids: Sequence[int]) -> dict[int, int]: ...

    def mark_failed(self, rows: Sequence[tuple[int, OwedState, int]], attempt_id: int) -> None:
        """After a push in vain: (owed, WAITING or PARKED, due)."""
        ...

    def due_of(self, account_ids: Iterable[int], now_ms: int) -> list[tuple[int, OwedKind]]:
        """Which of these accounts have something to be pushed now."""
        ...

    def replay(self, account_id: int, kind: OwedKind, first_id: int, last_id: int, now_ms: int) -> int:
        """Owe again what was parked, handed or pushed, by the ids' range; gives how many."""
        ...

    # --- house -----------------------------------------------------------------------------------------------

    def database_ms(self) -> int:
        """The database's own clock: leases are told by it, since processes' clocks differ."""
        ...

    def take_count(self, name: str, count: int) -> int:
        """Raise a counter and give its new value."""
        ...

    def read_count(self, name: str) -> int: ...

    def take_lease(self, channel_id: int, owner: str, lasts_ms: int, *, always: bool) -> int | None:
        """Become owner of a channel that nobody holds; gives the new epoch, or None. `always`: whoever holds it."""
        ...

    def renew_lease(
        self, channel_id: int, owner: str, epoch: int, lasts_ms: int, *, is_up: bool, trouble: str = ""
    ) -> bool: ...

    def drop_lease(self, channel_id: int, owner: str, epoch: int) -> None: ...

    def leases(self) -> list[tuple[int, str, int, int, bool, int]]:
        """(channel, owner, epoch, expires, is up, since when) of every channel that ever had an owner."""
        ...

    def troubles(self) -> dict[int, str]:
        """What last went wrong on links, as their owners said it; channels without trouble are not there."""
        ...

    def take_node(self, owner: str, lasts_ms: int, most: int, number: int | None = None, *, always: bool = False) -> int | None:
        """Take the given node number, or the lowest free one below `most`; also renews it. None: it is another's now."""
        ...

    def drop_node(self, number: int, owner: str) -> None: ...

    def prune_references(self, before_ms: int) -> int: ...

    def prune_brief_references(self, before_ms: int) -> int:
        """Those that doors make themselves: they begin with a blank."""
        ...

    def prune_carrier_refs(self, after: tuple[int, str], before_ms: int) -> tuple[int, str] | None:
        """Look at 2,000 carrier ids behind a key and drop the old ones; gives the last key, None at the end."""
        ...

    # --- configuration ---------------------------------------------------------------------------------------

    def rows_of(self, table: str, **equal: Any) -> list[dict[str, Any]]:
        """All rows of a configuration table whose columns have these values, in key order."""
        ...

    def add_row(self, table: str, **values: Any) -> None: ...

    def change_row(self, table: str, key: int | str, **values: Any) -> None: ...

    def drop_row(self, table: str, key: int | str) -> None: ...

    def add_wallet(self, account_id: int, product: int) -> None: ...

    def change_wallet(self, account_id: int, product: int, **values: Any) -> None: ...

    def set_price(self, account_id: int, product: int, carrier: str, points: int) -> int | None:
        """Give an account a price; carrier '' is every carrier. Gives the price before."""
        ...

    def audit(self, act: Act, action: str, subject: str, before: object, after: object) -> int:
        """Store one row of who changed what, and a new version of the ConfigSnapshot; returns the row's id."""
        ...

    def config_version(self) -> int: ...

    # --- rules -----------------------------------------------------------------------------------------------

    def words_page(self, after: tuple[int, str], most: int) -> list[tuple[int, str, str]]:
        """Words behind a key: (account, plain, as entered), in key order."""
        ...

    def words_as(self, keys: Sequence[tuple[int, str]]) -> list[tuple[int, str, str]]:
        """Those of the words (account, plain) that there are."""
        ...

    def put_words(self, rows: Sequence[tuple[int, str, str]], now_ms: int) -> None:
        """Add words, (account, plain, as entered), each once; those that are there stay as they are."""
        ...

    def drop_words(self, keys: Sequence[tuple[int, str]]) -> int:
        """Gives how many were there."""
        ...

    def put_listed(self, rows: Sequence[tuple[int, int, int, str]], change: int, now_ms: int) -> None:
        """Set entries of black lists, each once: (account, phone, end in seconds, note)."""
        ...

    def listed_page(self, after: tuple[int, int], most: int) -> list[tuple[int, int, int, str, int]]:
        """Entries behind a key: (account, phone, end, note, made), in key order."""
        ...

    def listed_since(self, after: int, until: int) -> list[tuple[int, int, int]]:
        """Entries of the changes after one number up to another: (account, phone, end), as they were made."""
        ...

    def listed_as(self, keys: Sequence[tuple[int, int]]) -> list[tuple[int, int, int, str, int]]:
        """Those of the entries (account, phone) that there are."""
        ...

    def prune_listed(self, before_s: int) -> int:
        """Forget up to 2,000 entries that ended, and were last changed, before that; gives how many."""
        ...

    def read_fact(self, name: str) -> str | None:
        """What was said once about this store; None if nothing was."""
        ...

    def keep_fact(self, name: str, value: str) -> None:
        """Say it once: what stands there already stays."""
        ...

    def prune_marks(self, before_ms: int) -> int:
        """Forget up to 2,000 marks of commits that are older; gives how many."""
        ...

    # --- billing ---------------------------------------------------------------------------------------------

    def read_wallet(self, account_id: int, product: int) -> Wallet | None: ...

    def wallet_sums(self) -> tuple[dict[tuple[int, int], Wallet], dict[tuple[int, int], Sums]]:
        """Every wallet, and the sums of their entries; run in one snapshot."""
        ...

    # --- reading ---------------------------------------------------------------------------------------------

    def messages_to(self, phone: int, since_ms: int, until_ms: int, most: int) -> list[dict[str, Any]]:
        """Messages to a phone, newest first, by the 4.7-hour buckets of the span."""
        ...

    def messages_by_id(self, message_id: int) -> list[dict[str, Any]]: ...

    def messages_of_task(self, task_id: int, most: int) -> list[dict[str, Any]]: ...

    def messages_by_carrier_id(self, carrier_id: str, most: int) -> list[dict[str, Any]]:
        """Messages with a segment of this normalised carrier id, on any channel."""
        ...

    def segments_of(self, message_id: int) -> list[dict[str, Any]]: ...

    def owed_of(self, owed_id: int) -> list[dict[str, Any]]:
        """How a message's report, or a reply, was handed out, with the last attempt to push it."""
        ...

    def newest_id(self) -> int:
        """Of all messages; 0 without any. It may be ahead of a clock that was put back."""
        ...

    def newest_made(self) -> int:
        """The greatest id that is stored, of whatever; 0 in an empty store."""
        ...

    def tasks(self, most: int, account_id: int | None = None) -> list[dict[str, Any]]:
        """Tasks, newest first by the time of their acceptance."""
        ...

    def task(self, task_id: int) -> dict[str, Any] | None: ...

    def task_states(self, task_id: int) -> dict[int, int]:
        """Messages of a task by state."""
        ...

    def message_states(self) -> dict[int, int]:
        """All stored messages by state: counts every row, for checks and tests."""
        ...

    def queued(self) -> list[dict[str, Any]]:
        """Messages in parcels by channel, and the oldest parcel's id."""
        ...

    def owed_counts(self) -> list[dict[str, Any]]:
        """What is owed and not yet final, by account, kind and state."""
        ...

    def attempts(self, account_id: int, most: int, before_id: int | None = None) -> list[dict[str, Any]]:
        """Pushes to a customer, newest first."""
        ...

    def replies_from(self, phone: int, since_ms: int, most: int) -> list[dict[str, Any]]: ...

    def strange_receipts(self, message_id: int) -> list[dict[str, Any]]:
        """Receipts under the ids of a message that were for other phones, and wait."""
        ...

    def unmatched_receipts(self, since_ms: int, most: int, channel_id: int | None = None) -> list[dict[str, Any]]:
        """Receipts that fit no segment so far, newest first; of one channel, if given."""
        ...
