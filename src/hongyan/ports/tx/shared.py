"""What more than one step does inside its transaction."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from hongyan.model.act import Act, AuditAction
from hongyan.model.channel import ChannelNeed
from hongyan.model.hourly import CodeKey, Counted
from hongyan.model.ledger import Entry, Wallet
from hongyan.model.message import ReceiptOutcome, Verdict
from hongyan.model.owed import OwedKind, OwedState
from hongyan.model.parcel import Parcel
from hongyan.model.rows import Lease, LockedTask, MatchedReceipt, NewMessage, NewTask, OpenMessage, PartRow, SliceMessages
from hongyan.model.session_delivery import SessionReport
from hongyan.model.usage import UsageKey


class WalletsTx(Protocol):
    def lock_wallets(self, keys: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Wallet]:
        """Lock wallets by (account, product) until the end of the transaction. Missing ones are left out."""
        ...

    def post(self, entries: Sequence[Entry], now_ms: int) -> None:
        """Write entries, and add their points to their wallets."""
        ...


class ParcelsTx(Protocol):
    def add_parcels(self, parcels: Sequence[Parcel]) -> None: ...


class CountingTx(Protocol):
    """Counters. What is counted is written once a transaction, with the commit."""

    def counters(self, now_ms: int) -> Counted:
        """Returns by how much counters change with this transaction: who counts messages changes it."""
        ...

    def count_codes(self, more: Mapping[CodeKey, int]) -> None:
        """Add so many messages to the counters of codes. The messages themselves are counted, too."""
        ...


class NewMessagesTx(ParcelsTx, CountingTx, Protocol):
    def add_tasks(self, tasks: Sequence[NewTask]) -> None: ...

    def add_messages(self, messages: Sequence[NewMessage]) -> None: ...


class SliceMessagesTx(ParcelsTx, CountingTx, Protocol):
    def add_slice_messages(self, new: SliceMessages, now_ms: int) -> None:
        """Store new messages of one slice, in one parcel or, without a channel, in none."""
        ...


class OpenMessagesTx(Protocol):
    def lock_messages(self, message_ids: Iterable[int]) -> list[OpenMessage]:
        """Lock those of the messages that have no verdict yet; returns them in the order of ids."""
        ...


class LockedTaskTx(Protocol):
    def lock_task(self, task_id: int) -> LockedTask | None:
        """Lock a task until the end of the transaction. None of it is released meanwhile."""
        ...


class RequeueTx(ParcelsTx, OpenMessagesTx, CountingTx, Protocol):
    def needs_of(self, task_ids: Iterable[int]) -> dict[int, ChannelNeed]:
        """Returns what the messages of these tasks need of a channel."""
        ...

    def requeue(self, rows: Sequence[tuple[int, int, int, str]]) -> None:
        """Move open messages to another channel: (message, channel, parcel, channels tried)."""
        ...

    def drop_empty(self, parcel_ids: Iterable[int]) -> None:
        """Delete those of these parcels that have no queued message left."""
        ...


class OweTx(Protocol):
    def owe(self, kind: OwedKind, rows: Sequence[tuple[int, int, int]], at_ms: int) -> None:
        """Owe reports or replies to customers, due at that moment: (message or reply, account, task). A repeat changes nothing."""
        ...


class SessionReportsTx(Protocol):
    def session_reports(self, owed_ids: Sequence[int]) -> list[tuple[SessionReport, str]]:
        """Returns reports with all that a session needs. Each has ReportsWanted for each of its parts, by comma; "" if nobody
        set it.
        """
        ...

    def move_owed(self, owed_ids: Sequence[int], state: OwedState, at_ms: int) -> None: ...


class CommitCallTx(Protocol):
    def after_commit(self, call: Callable[[], None]) -> None:
        """Register a function that a lane calls on its event loop after the commit. It is not called after a rollback."""
        ...


class EndingTx(OpenMessagesTx, OweTx, SessionReportsTx, CountingTx, CommitCallTx, Protocol):
    def finish(self, verdicts: Sequence[tuple[int, Verdict]]) -> None:
        """Write the verdicts of open messages that this transaction has locked."""
        ...

    def post_returns(self, entries: Sequence[Entry], now_ms: int) -> None:
        """Write entries of returned points, and add them to their wallets. After the commit the metrics count them."""
        ...

    def note_unknown_codes(self, rows: Sequence[tuple[int, str, int]], now_ms: int) -> None:
        """Count codes that ended messages: (channel, code, how often). About 1,000 codes are kept."""
        ...


class PartsTx(Protocol):
    def parts_of(self, message_ids: Iterable[int]) -> dict[int, list[PartRow]]:
        """Returns the answered segments of these messages, each with its receipt."""
        ...


class VerdictTx(RequeueTx, EndingTx, PartsTx, Protocol):
    def note_receipts(self, matched: Sequence[MatchedReceipt]) -> None:
        """Store receipts beside their segments that came after a verdict, to be shown."""
        ...

    def count_receipts(self, channel_id: int, outcome: ReceiptOutcome, count: int = 1) -> None:
        """Count receipts for the metrics, once the transaction is committed."""
        ...

    def note_resent(self, rows: Sequence[tuple[int, int, str, int, int]]) -> None:
        """Store why messages were sent once more: (message, channel that failed, code, failed at, sent again at)."""
        ...


class LeaseHeldTx(Protocol):
    def holds_lease(self, channel_id: int, owner: str, epoch: int) -> bool:
        """Returns whether this owner still has the channel. Until the end of the transaction nobody else can take it."""
        ...


class OutletsTx(CommitCallTx, LeaseHeldTx, Protocol):
    """What is needed to hand new messages to channels of this process."""


class UsageTx(Protocol):
    def lock_usage(self, keys: Iterable[UsageKey]) -> dict[UsageKey, int]:
        """Lock these counts in key order, so that two processes never wait for each other; returns their values."""
        ...

    def add_usage(self, more: Mapping[UsageKey, int]) -> None:
        """Raise counts that are locked."""
        ...


class MediaLockTx(Protocol):
    def lock_media(self) -> int:
        """Keep others from adding or dropping media until the end of the transaction; returns the octets of all media."""
        ...


class CountersTx(Protocol):
    def take_count(self, name: str, count: int) -> int:
        """Raise a counter; returns its new value."""
        ...

    def read_count(self, name: str) -> int:
        """Returns the value of a counter; 0 if it was never raised."""
        ...


class DatabaseClockTx(Protocol):
    def database_ms(self) -> int:
        """Returns the time of the database's clock. Leases are judged by it, since the clocks of processes differ."""
        ...


class LeaseRowsTx(DatabaseClockTx, Protocol):
    def leases(self) -> dict[int, Lease]:
        """Returns the lease of every channel that ever had an owner."""
        ...


class ConfigRowsTx(Protocol):
    def rows_of(self, table: str, **equal: Any) -> list[dict[str, Any]]:
        """Returns all rows of a configuration table whose columns have these values, in key order."""
        ...

    def rows_after(
        self, table: str, by: str, after: Any, most: int, equal: Mapping[str, Any], name_with: str = ""
    ) -> list[dict[str, Any]]:
        """Returns rows of a configuration table in the order of a column, behind a value of it; None: from the first.

        name_with: what their names hold, in either case
        """
        ...

    def names_in(self, table: str, ids: Iterable[int]) -> dict[int, str]:
        """Returns the names of these accounts or channels."""
        ...


class ConfigVersionTx(Protocol):
    def config_version(self) -> int:
        """Returns the version of the ConfigSnapshot that the store holds now."""
        ...


class AuditTx(Protocol):
    def audit(
        self, act: Act, action: AuditAction, subject: str, before: object, after: object, *, is_config: bool = True
    ) -> int:
        """Store one row of who changed what; returns its id.

        is_config: the change makes a new version of the ConfigSnapshot
        """
        ...


class NewestIdTx(Protocol):
    def newest_made(self) -> int:
        """Returns the greatest stored id of messages, parcels, replies and attempts; 0 in an empty store."""
        ...


class ReadWalletTx(Protocol):
    def read_wallet(self, account_id: int, product: int) -> Wallet | None: ...

    def read_wallets(self, account_ids: Iterable[int], product: int) -> dict[int, Wallet]: ...


class UnknownCodesTx(Protocol):
    def unknown_codes(self) -> list[dict[str, Any]]:
        """Returns all codes without a rule, the most frequent first, with the names of their channels."""
        ...


class WordPagesTx(Protocol):
    def words_page(self, after: tuple[int, str], most: int) -> list[tuple[int, str, str]]:
        """Returns words behind a key: (account, plain, as entered), in key order."""
        ...


class ListedTx(Protocol):
    def listed_as(self, keys: Sequence[tuple[int, int]]) -> list[tuple[int, int, int, str, int]]:
        """Returns those of the entries of black lists (account, phone) that exist: (account, phone, end, note, made)."""
        ...


class ListedPagesTx(Protocol):
    def listed_page(self, after: tuple[int, int], most: int) -> list[tuple[int, int, int, str, int]]:
        """Returns entries of black lists behind a key: (account, phone, end, note, made), in key order."""
        ...
