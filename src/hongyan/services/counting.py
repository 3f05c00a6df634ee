"""Counting messages for the statistics, in the transactions that change them. Several steps share this.

Messages are added up as they are counted: each costs one look-up in a dict (bench/notes.md).
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from hongyan.model.destination import Carrier
from hongyan.model.hourly import SUBMITTED, CodeKey, Counted, MessageKey
from hongyan.model.ids import IDS_AN_HOUR
from hongyan.model.message import MessageState
from hongyan.model.prefixes import BELOW_PREFIX, FOREIGN, PrefixTable
from hongyan.model.rows import NewMessage, OpenMessage, SliceMessages
from hongyan.ports.tx.shared import CountingTx

_DELIVERED = MessageState.DELIVERED

EndKind = tuple[int, int, int, int, Carrier, int, MessageState, str, bool]
"""What messages that end have in common where they are counted and charged: the hour of their ids, account, product, channel, carrier,
segments, how they ended, with which code, and whether a carrier had accepted them.
"""


def count_new(tx: CountingTx, messages: Sequence[NewMessage], prefixes: PrefixTable, now_ms: int) -> None:
    """messages: in the order of their ids"""
    if not messages:
        return
    counted, carriers = tx.counters(now_ms), prefixes.by_beginning
    hour = messages[0].id // IDS_AN_HOUR  # to divide each id would cost as much as to look its carrier up
    if messages[-1].id // IDS_AN_HOUR != hour:
        count_new(tx, [m for m in messages if m.id // IDS_AN_HOUR != hour], prefixes, now_ms)
        messages = [m for m in messages if m.id // IDS_AN_HOUR == hour]
    for m in messages:
        carrier = carriers.get(m.phone // BELOW_PREFIX, FOREIGN)
        key = (hour, m.account_id, m.product, m.channel_id, carrier, SUBMITTED)
        sums = counted.get(key)
        if sums is None:
            sums = counted[_exact(key)] = [0, 0]
        sums[0] += 1
        sums[1] += m.segments


def count_new_slice(tx: CountingTx, new: SliceMessages, prefixes: PrefixTable, now_ms: int) -> None:
    """The same for messages as columns."""
    account_id, product, channel_id = new.part.account_id, new.part.product, new.channel_id
    counted, hours = tx.counters(now_ms), [i // IDS_AN_HOUR for i in new.ids]
    found = Counter(zip(hours, map(prefixes.carrier, new.phones), new.segments, strict=True))
    for (hour, carrier, segments), count in found.items():
        _add(counted, (hour, account_id, product, channel_id, carrier, SUBMITTED), count, count * segments)


def count_ended(tx: CountingTx, alike: Mapping[EndKind, Sequence[OpenMessage]], now_ms: int) -> None:
    counted, codes = tx.counters(now_ms), dict[CodeKey, int]()
    for (hour, account_id, product, channel_id, carrier, segments, state, code, _), messages in alike.items():
        count = len(messages)
        _add(counted, (hour, account_id, product, channel_id, carrier, state), count, count * segments)
        if state is not _DELIVERED:
            key = (hour, account_id, channel_id, int(state), code)
            codes[key] = codes.get(key, 0) + count
    if codes:
        tx.count_codes(codes)


def count_moved(tx: CountingTx, moved: Sequence[tuple[OpenMessage, int, str]], prefixes: PrefixTable, now_ms: int) -> None:
    """Count messages for the channel that has them now, and no longer for the one before: (message, the new channel, …)."""
    counted = tx.counters(now_ms)
    for m, to, _ in moved:
        hour, carrier = m.id // IDS_AN_HOUR, prefixes.carrier(m.phone)
        _add(counted, (hour, m.account_id, m.product, m.channel_id, carrier, SUBMITTED), -1, -m.segments)
        _add(counted, (hour, m.account_id, m.product, to, carrier, SUBMITTED), 1, m.segments)


def count_replaced(tx: CountingTx, m: OpenMessage, segments: int, prefixes: PrefixTable, now_ms: int) -> None:
    """Count a queued message with so many segments instead of those that it had."""
    key = (m.id // IDS_AN_HOUR, m.account_id, m.product, m.channel_id, prefixes.carrier(m.phone), SUBMITTED)
    _add(tx.counters(now_ms), key, 0, segments - m.segments)


def _add(counted: Counted, key: MessageKey, messages: int, segments: int) -> None:
    sums = counted.setdefault(_exact(key), [0, 0])
    sums[0] += messages
    sums[1] += segments


def _exact(key: MessageKey) -> MessageKey:
    """Returns a key without enums, which are equal to their values: a store takes exact ints and texts."""
    hour, account, product, channel, carrier, state = key
    return hour, account, int(product), channel, str(carrier), int(state)
