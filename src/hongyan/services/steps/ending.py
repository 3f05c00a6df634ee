"""How a message ends, shared by the steps that can end one: verdict, money and report in the same transaction."""

from collections import Counter
from collections.abc import Mapping, Sequence

from hongyan.model.ids import IDS_AN_HOUR
from hongyan.model.ledger import Entry, EntryKind
from hongyan.model.meaning import Points
from hongyan.model.message import MessageState, Verdict
from hongyan.model.prefixes import BELOW_PREFIX, FOREIGN, PrefixTable
from hongyan.model.rows import OpenMessage
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.policy.codes import meaning_of
from hongyan.policy.receipts import settles
from hongyan.ports.receivers import Receivers
from hongyan.ports.tx.shared import EndingTx
from hongyan.services.counting import EndKind, count_ended
from hongyan.services.steps.receivers import owe_reports

Ending = tuple[OpenMessage, Verdict, bool]
"""A message that this transaction has locked open, its verdict, and whether a carrier had accepted it."""

Alike = Mapping[EndKind, Sequence[OpenMessage]]
"""Messages that end, by what they have in common."""


_EXPLAINED = frozenset({MessageState.FAILED, MessageState.UNKNOWN})
"""End states whose code should have a meaning."""


def end_messages(
    tx: EndingTx, endings: Sequence[Ending], snapshot: ConfigSnapshot, now_ms: int, receivers: Receivers | None = None
) -> set[int]:
    """Write the verdicts of messages, return points as the account's rule says, owe the reports.

    Returns the accounts that have some to be claimed. The messages are locked and open, so each ends once and its points return at
    most once.
    """
    if not endings:
        return set()
    alike = _alike(endings, snapshot.prefixes)  # before statements put them out of the cache
    _note_unknown(tx, alike, snapshot, now_ms)
    count_ended(tx, alike, now_ms)
    tx.finish([(message.id, verdict) for message, verdict, _ in endings])
    if returned := _returns(alike, snapshot):
        tx.post_returns(returned, now_ms)
    rows = [(message.id, message.account_id, message.task_id) for message, _, _ in endings]
    return owe_reports(tx, rows, receivers, now_ms)


def _alike(endings: Sequence[Ending], prefixes: PrefixTable) -> dict[EndKind, list[OpenMessage]]:
    """Returns the messages by what decides how they are counted and charged, which is the same for most of a batch."""
    alike: dict[EndKind, list[OpenMessage]] = {}
    carriers = prefixes.by_beginning
    for m, v, was_accepted in endings:
        hour, carrier = m.id // IDS_AN_HOUR, carriers.get(m.phone // BELOW_PREFIX, FOREIGN)
        kind = (hour, m.account_id, m.product, m.channel_id, carrier, m.segments, v.state, v.code, was_accepted)
        some = alike.get(kind)
        if some is None:
            alike[kind] = [m]
        else:
            some.append(m)
    return alike


def _returns(alike: Alike, snapshot: ConfigSnapshot) -> list[Entry]:
    returned: list[Entry] = []
    for kind, messages in alike.items():
        if not _stays_charged(kind, snapshot):
            returned += [Entry(EntryKind.RETURN, m.id, m.account_id, m.product, m.points) for m in messages if m.points]
    return returned


def _stays_charged(kind: EndKind, snapshot: ConfigSnapshot) -> bool:
    _, account_id, _, channel_id, _, _, state, code, was_accepted = kind
    rule, by_code = snapshot.accounts_by_id[account_id].charge_rule, Points.RULE
    if state is MessageState.FAILED:
        meaning = meaning_of(snapshot.channels.get(channel_id), code)
        by_code = meaning.points if meaning else by_code
    return settles(rule, state, was_accepted=was_accepted, by_code=by_code)


def _note_unknown(tx: EndingTx, alike: Alike, snapshot: ConfigSnapshot, now_ms: int) -> None:
    """Count the codes without a rule that ended messages; operators look at them."""
    unknown: Counter[tuple[int, str]] = Counter()
    for (_, _, _, channel_id, _, _, state, code, _), messages in alike.items():
        if state in _EXPLAINED and meaning_of(snapshot.channels.get(channel_id), code) is None:
            unknown[channel_id, code] += len(messages)
    if unknown:
        tx.note_unknown_codes([(channel_id, code, seen) for (channel_id, code), seen in unknown.items()], now_ms)
