"""Counting messages for the statistics, in the transactions that change them. Several steps share this.

Each batch makes one list: counting an entry costs one look-up in a dict (bench/notes.md).
"""

from collections import Counter
from collections.abc import Sequence

from hongyan.model.hourly import SUBMITTED
from hongyan.model.ids import IDS_AN_HOUR
from hongyan.model.message import MessageState, Verdict
from hongyan.model.prefixes import PrefixTable
from hongyan.model.rows import NewMessage, OpenMessage, SliceMessages
from hongyan.ports.tx.shared import CountingTx

_DELIVERED = MessageState.DELIVERED


def count_new(tx: CountingTx, messages: Sequence[NewMessage], prefixes: PrefixTable, now_ms: int) -> None:
    carrier = prefixes.carrier
    tx.count_messages(
        [
            (m.id // IDS_AN_HOUR, m.account_id, m.product, m.channel_id, carrier(m.phone), SUBMITTED, m.segments)
            for m in messages
        ],
        now_ms,
    )


def count_new_slice(tx: CountingTx, new: SliceMessages, prefixes: PrefixTable, now_ms: int) -> None:
    """The same for messages as columns."""
    account_id, product, channel_id = new.part.account_id, new.part.product, new.channel_id
    hours = [i // IDS_AN_HOUR for i in new.ids]
    for (hour, carrier, segments), count in Counter(
        zip(hours, map(prefixes.carrier, new.phones), new.segments, strict=True)
    ).items():
        tx.count_messages([(hour, account_id, product, channel_id, carrier, SUBMITTED, segments)] * count, now_ms)


def count_ended(tx: CountingTx, ended: Sequence[tuple[OpenMessage, Verdict, bool]], prefixes: PrefixTable, now_ms: int) -> None:
    carrier = prefixes.carrier
    tx.count_messages(
        [
            (m.id // IDS_AN_HOUR, m.account_id, m.product, m.channel_id, carrier(m.phone), v.state, m.segments)
            for m, v, _ in ended
        ],
        now_ms,
    )
    codes = [
        (m.id // IDS_AN_HOUR, m.account_id, m.channel_id, int(v.state), v.code)
        for m, v, _ in ended
        if v.state is not _DELIVERED
    ]
    if codes:
        tx.count_codes(codes)


def count_moved(tx: CountingTx, moved: Sequence[tuple[OpenMessage, int, str]], prefixes: PrefixTable, now_ms: int) -> None:
    """Count messages for the channel that has them now, and no longer for the one before: (message, the new channel, …)."""
    rows = [
        (m.id // IDS_AN_HOUR, m.account_id, m.product, prefixes.carrier(m.phone), m.segments, m.channel_id, to)
        for m, to, _ in moved
    ]
    tx.uncount_messages([(h, a, p, here, c, SUBMITTED, s) for h, a, p, c, s, here, _ in rows])
    tx.count_messages([(h, a, p, to, c, SUBMITTED, s) for h, a, p, c, s, _, to in rows], now_ms)
