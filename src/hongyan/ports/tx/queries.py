"""What lists and traces for people read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from hongyan.model.message import TaskState
from hongyan.model.mms import Media
from hongyan.ports.tx.shared import (
    ConfigRowsTx,
    CountersTx,
    LeaseRowsTx,
    ListedPagesTx,
    ListedTx,
    ReadWalletTx,
    UnknownCodesTx,
    WordPagesTx,
)

LOOKED_MOST = 40_000
"""The most rows that one page looks through, where few may fit. From a cold disk that takes 0.2 s; the next page looks further."""


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks are wanted. None: whatever it is."""

    account_id: int | None = None
    product: int | None = None
    state: int | None = None
    is_paused: bool | None = None
    is_batch: bool | None = None  # of several numbers
    since_ms: int = 0  # when it was accepted
    until_ms: int = 2**62

    @property
    def is_unusual(self) -> bool:
        """Returns whether only tasks fit that are not just released: there are few, and they have an index."""
        return self.is_paused or self.state not in {None, TaskState.RELEASED}

    @property
    def is_narrow(self) -> bool:
        """Returns whether few of the tasks may fit that are looked through."""
        filters = (self.account_id, self.product, self.state, self.is_paused, self.is_batch)
        return not self.is_unusual and any(one is not None for one in filters)


@dataclass(frozen=True, slots=True)
class TaskSpan:
    """Where a task's messages are, with those of others among them. most: how many of them all may be read"""

    task_id: int
    first_id: int
    last_id: int
    most: int


class TraceTx(ConfigRowsTx, ListedTx, Protocol):
    def messages_to(self, phone: int, since_ms: int, until_ms: int, most: int) -> list[dict[str, Any]]:
        """Returns messages to a phone within a span, the newest first."""
        ...

    def messages_by_id(self, message_id: int) -> list[dict[str, Any]]: ...

    def messages_of_task(self, task_id: int, most: int) -> list[dict[str, Any]]: ...

    def messages_by_carrier_id(self, carrier_id: str, most: int) -> list[dict[str, Any]]:
        """Returns messages with a segment of this carrier id in normal form, on any channel."""
        ...

    def segments_of(self, message_id: int) -> list[dict[str, Any]]: ...

    def owed_of(self, owed_id: int) -> list[dict[str, Any]]:
        """Returns how a message's report, or a reply, was handed out, with the last attempt to push it."""
        ...

    def replies_from(self, phone: int, since_ms: int, most: int) -> list[dict[str, Any]]: ...

    def receipts_for_other_phones(self, message_id: int) -> list[dict[str, Any]]:
        """Returns waiting receipts with an id of this message that are for other phones."""
        ...


class PagesTx(ConfigRowsTx, Protocol):
    def rows_before(
        self, table: str, before_id: int, most: int, equal: Mapping[str, Any], least_id: int = 0
    ) -> list[dict[str, Any]]:
        """Returns rows with smaller ids, from `least_id` on, whose columns have these values, the newest first."""
        ...

    def messages_before(
        self, before_id: int, most: int, equal: Mapping[str, Any], least_id: int, looked_most: int
    ) -> list[dict[str, Any]]:
        """Returns messages with ids from `least_id` on and below `before_id` that fit, the newest first. Where not all fit, only
        the newest `looked_most` are looked through.
        """
        ...

    def traffic_since(self, since_id: int, slot_ids: int, most: int) -> list[dict[str, Any]]:
        """Returns counts of the newest `most` messages with ids from `since_id` on, by account, channel and slot: how many there
        are, how many of them have ended, and how many were delivered.

        slot_ids: ids of a slot; the first slot, 0, begins at `since_id`
        """
        ...

    def messages_looked_at(self, before_id: int, least_id: int, looked_most: int) -> tuple[int, int | None]:
        """Returns how many messages are looked at, and the id below which more follow; None if none do."""
        ...

    def hours_with_messages(self, hours: range, most: int, state: int, equal: Mapping[str, int]) -> list[int]:
        """Returns the hours in which messages were made that fit, by the counters: at most `most`, the newest first.

        hours: since 1970, in UTC
        state: one that is counted, or model.hourly.SUBMITTED
        equal: only of this account_id, and of this channel_id if it is given
        """
        ...


class KeyPagesTx(ConfigRowsTx, WordPagesTx, ListedPagesTx, Protocol):
    """Words and black lists, page by page."""


class ListsTx(CountersTx, LeaseRowsTx, ConfigRowsTx, ReadWalletTx, UnknownCodesTx, Protocol):
    def troubles(self) -> dict[int, str]:
        """Returns what last went wrong on each channel's link, if anything did."""
        ...

    def tasks(
        self, most: int, wanted: TaskFilter, after: tuple[int, int] | None = None, looked_most: int = LOOKED_MOST
    ) -> list[dict[str, Any]]:
        """Returns tasks with their accounts, the newest by acceptance first. Where few may fit, only the newest `looked_most`
        are looked through.

        after: the time of acceptance and the id of the last one seen
        """
        ...

    def tasks_looked_at(
        self, wanted: TaskFilter, after: tuple[int, int] | None, looked_most: int
    ) -> tuple[int, tuple[int, int] | None]:
        """Returns how many tasks are looked at, and the place behind which more follow, a time of acceptance and an id; None if none
        do.
        """
        ...

    def hours_with_tasks(self, account_id: int, hours: range, most: int) -> list[int]:
        """Returns the hours (since 1970, in UTC) in which tasks of an account were accepted, by what its wallets paid for them: at
        most `most`, the newest first.
        """
        ...

    def task_states_within(self, spans: Sequence[TaskSpan]) -> dict[int, dict[int, int]]:
        """Returns by task the number of its messages in each state, by one query. A task whose span holds more messages than may
        be read is left out.
        """
        ...

    def task(self, task_id: int) -> dict[str, Any] | None: ...

    def task_states(self, task_id: int) -> dict[int, int]:
        """Returns the number of a task's messages in each state."""
        ...

    def queued(self) -> list[dict[str, Any]]:
        """Returns the messages in parcels by channel, with the oldest parcel's id; those of paused tasks are left out."""
        ...

    def owed_counts(self, after: tuple[int, int, int] = (0, 0, 0), most: int | None = None) -> list[dict[str, Any]]:
        """Returns counts of what is owed and not final yet, in the order of account, kind and state; all of them without
        `most`.
        """
        ...

    def balances_after(self, product: int, after: tuple[int, int] | None, most: int) -> list[dict[str, Any]]:
        """Returns accounts with a wallet of the product, the lowest balance first. after: balance and account of the last one
        seen
        """
        ...

    def accounts_like(self, text: str, most: int) -> list[dict[str, Any]]:
        """Returns names of accounts, with their customers' names, if either contains the text; those that begin with it come
        first.
        """
        ...

    def prices_after(self, account_id: int | None, after: tuple[str, int, str] | None, most: int) -> list[dict[str, Any]]:
        """Returns prices with the names of their accounts, in the order of name, product and carrier. after: those of the last
        one seen
        """
        ...

    def unmatched_receipts(
        self, since_ms: int, most: int, channel_id: int | None = None, after: tuple[int, int, str, int] | None = None
    ) -> list[dict[str, Any]]:
        """Returns receipts that fit no segment so far, the newest first; of one channel, if given. after: made_ms, channel_id,
        carrier_id, n
        """
        ...

    def media_of_reply(self, reply_id: int) -> tuple[Media, ...]:
        """Returns the parts of a reply in order; a part that was dropped is empty."""
        ...

    def last_mms_from(self, phone: int) -> int | None:
        """Returns the newest reply of a phone that came as an MMS."""
        ...
