"""Counting messages for the statistics, in the transactions that change them. Several steps share this.

Messages are added up as they are counted: each costs one look-up in a dict (bench/notes.md).
"""

from collections import Counter
from collections.abc import Sequence

from hongyan.model.hourly import SUBMITTED, CodeKey, Counted, MessageKey
from hongyan.model.ids import IDS_AN_HOUR
from hongyan.model.message import MessageState, Verdict
from hongyan.model.prefixes import PrefixTable
from hongyan.model.rows import NewMessage, OpenMessage, SliceMessages
from hongyan.ports.tx.shared import CountingTx

_DELIVERED = MessageState.DELIVERED


def count_new(tx: CountingTx, messages: Sequence[NewMessage], prefixes: PrefixTable, now_ms: int) -> None:
    """messages: in the order of their ids"""
    counted, carrier = tx.counters(now_ms), prefixes.carrier
    for hour, some in _by_hour(messages):
        for m in some:
            key = (hour, m.account_id, m.product, m.channel_id, carrier(m.phone), SUBMITTED)
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


def count_ended(tx: CountingTx, ended: Sequence[tuple[OpenMessage, Verdict, bool]], prefixes: PrefixTable, now_ms: int) -> None:
    counted, carrier, codes = tx.counters(now_ms), prefixes.carrier, list[CodeKey]()
    for m, v, _ in ended:
        key = (m.id // IDS_AN_HOUR, m.account_id, m.product, m.channel_id, carrier(m.phone), v.state)
        sums = counted.get(key)
        if sums is None:
            sums = counted[_exact(key)] = [0, 0]
        sums[0] += 1
        sums[1] += m.segments
        if v.state is not _DELIVERED:
            codes.append((key[0], m.account_id, m.channel_id, int(v.state), v.code))
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


def _by_hour(messages: Sequence[NewMessage]) -> list[tuple[int, Sequence[NewMessage]]]:
    """Returns messages with the hour in which they were made: to divide each id costs as much as to look its carrier up."""
    if not messages:
        return []
    first, last = messages[0].id // IDS_AN_HOUR, messages[-1].id // IDS_AN_HOUR
    if first == last:
        return [(first, messages)]
    return [(hour, [m for m in messages if m.id // IDS_AN_HOUR == hour]) for hour in range(first, last + 1)]


def _add(counted: Counted, key: MessageKey, messages: int, segments: int) -> None:
    sums = counted.setdefault(_exact(key), [0, 0])
    sums[0] += messages
    sums[1] += segments


def _exact(key: MessageKey) -> MessageKey:
    """Returns a key without enums, which are equal to their values: a store takes exact ints and texts."""
    hour, account, product, channel, carrier, state = key
    return hour, account, int(product), channel, str(carrier), int(state)
