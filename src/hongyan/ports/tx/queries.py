"""What lists and traces for people read."""

from collections.abc import Mapping
from typing import Any, Protocol

from hongyan.model.mms import Media
from hongyan.ports.tx.shared import (
    ConfigRowsTx,
    CountersTx,
    LeaseRowsTx,
    ListedPagesTx,
    ReadWalletTx,
    UnknownCodesTx,
    WordPagesTx,
)


class TraceTx(ConfigRowsTx, Protocol):
    def messages_to(self, phone: int, since_ms: int, until_ms: int, most: int) -> list[dict[str, Any]]:
        """Messages to a phone within a span, newest first."""
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

    def replies_from(self, phone: int, since_ms: int, most: int) -> list[dict[str, Any]]: ...

    def strange_receipts(self, message_id: int) -> list[dict[str, Any]]:
        """Receipts under the ids of a message that were for other phones, and wait."""
        ...


class PagesTx(ConfigRowsTx, Protocol):
    def rows_before(self, table: str, before_id: int, most: int, equal: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Rows with smaller ids whose columns have these values, newest first."""
        ...

    def messages_before(
        self, before_id: int, most: int, equal: Mapping[str, Any], least_id: int, looked_most: int
    ) -> list[dict[str, Any]]:
        """Messages with ids from `least_id` on and below `before_id`, newest first; of the newest `looked_most` those that fit."""
        ...

    def has_more_messages(self, before_id: int, least_id: int, count: int) -> bool:
        """Whether there are more messages with such ids than this."""
        ...


class KeyPagesTx(ConfigRowsTx, WordPagesTx, ListedPagesTx, Protocol):
    """Words and black lists, page by page."""


class ListsTx(CountersTx, LeaseRowsTx, ConfigRowsTx, ReadWalletTx, UnknownCodesTx, Protocol):
    def troubles(self) -> dict[int, str]:
        """What last went wrong on each channel's link; channels without trouble are left out."""
        ...

    def tasks(self, most: int, account_id: int | None = None, after: tuple[int, int] | None = None) -> list[dict[str, Any]]:
        """Tasks with their accounts, newest first by the time of their acceptance. after: that time and the id, of the last one seen"""
        ...

    def tasks_to_come(
        self, state: int, most: int, account_id: int | None = None, after: tuple[int, int] | None = None
    ) -> list[dict[str, Any]]:
        """The same of those alone that are in this state, which is before their messages exist or while they are taken back."""
        ...

    def task(self, task_id: int) -> dict[str, Any] | None: ...

    def task_states(self, task_id: int) -> dict[int, int]:
        """The number of a task's messages in each state."""
        ...

    def queued(self) -> list[dict[str, Any]]:
        """The messages in parcels by channel, and the oldest parcel's id; those of paused tasks are left out."""
        ...

    def owed_counts(self, after: tuple[int, int, int] = (0, 0, 0), most: int | None = None) -> list[dict[str, Any]]:
        """What is owed and not yet final, in the order of account, kind and state; all of it where no `most` is said."""
        ...

    def balances_after(self, product: int, after: tuple[int, int] | None, most: int) -> list[dict[str, Any]]:
        """Accounts with a wallet of the product, the lowest balance first. after: balance and account of the last one seen"""
        ...

    def accounts_like(self, text: str, most: int) -> list[dict[str, Any]]:
        """Names of accounts in which the text stands, or in the name of whose customer, and that name; first those that begin with it."""
        ...

    def prices_after(self, account_id: int | None, after: tuple[str, int, str] | None, most: int) -> list[dict[str, Any]]:
        """Prices with the names of their accounts, in the order of name, product and carrier. after: those of the last one seen"""
        ...

    def unmatched_receipts(
        self, since_ms: int, most: int, channel_id: int | None = None, after: tuple[int, int, str, int] | None = None
    ) -> list[dict[str, Any]]:
        """Receipts that fit no segment so far, newest first; of one channel, if given. after: made_ms, channel_id, carrier_id, n"""
        ...

    def media_of_reply(self, reply_id: int) -> tuple[Media, ...]:
        """The parts of a reply in order; a part that was dropped is empty."""
        ...

    def last_mms_from(self, phone: int) -> int | None:
        """The newest reply of a phone that came as an MMS."""
        ...
