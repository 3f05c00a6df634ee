"""Deliveries of carriers, receipts and replies, passed on one read at a time. A carrier is answered after the commit."""

from collections.abc import Callable, Sequence
from functools import partial

import structlog

from hongyan.adapters.client import ClientAdapter, Notice
from hongyan.model.link_counts import LinkCounts
from hongyan.model.traffic import Receipt, ReplyPart
from hongyan.ports.link import LinkEvents
from hongyan.sockets.connection import Connection
from hongyan.wire.state import Pdu

log = structlog.get_logger(__name__)


class Inbox:
    """Shared by all connections of a channel, ours and the carrier's."""

    def __init__(self, events: LinkEvents, counts: LinkCounts) -> None:
        self._events = events
        self._counts = counts

    def take(self, connection: Connection, adapter: ClientAdapter, pdus: Sequence[Pdu], now_ms: int) -> None:
        """Read the deliveries of one read and pass them on. A delivery that need not be stored is answered at once."""
        receipts: list[Receipt] = []
        receipt_pdus: list[Pdu] = []
        parts: list[ReplyPart] = []
        part_pdus: list[Pdu] = []
        read = adapter.read
        for pdu in pdus:
            brought = read(pdu, now_ms)
            if isinstance(brought, Receipt):
                receipts.append(brought)
                receipt_pdus.append(pdu)
            elif isinstance(brought, ReplyPart):
                parts.append(brought)
                part_pdus.append(pdu)
            else:
                self._answer_at_once(connection, adapter, pdu, brought)
        if receipts:
            self._counts.note_receipts(receipts)
            self._events.received(receipts, connection.confirmer(receipt_pdus, adapter.repeat))
        if parts:
            self._counts.replies += len(parts)
            self._events.replied(parts, connection.confirmer(part_pdus, adapter.repeat, self._when_lost(parts)))

    def _when_lost(self, parts: Sequence[ReplyPart]) -> Callable[[], None] | None:
        """Returns what to do if the carrier does not get our answer: a repeat of some deliveries has no name by which it is
        recognised.
        """
        nameless = [part for part in parts if not part.keeps_name]
        return partial(self._events.answer_lost, nameless) if nameless else None

    def _answer_at_once(self, connection: Connection, adapter: ClientAdapter, pdu: Pdu, brought: Notice | None) -> None:
        if brought is None:
            self._counts.unreadable += 1
            connection.answer([pdu], adapter.unreadable)
        else:
            log.info("carrier_notice", what=brought.what, limit_by=())
            connection.answer([pdu], 0)
