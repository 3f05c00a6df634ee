"""How a message ends, shared by the steps that can end one: verdict, money and report in the same transaction."""

from collections import Counter
from collections.abc import Sequence

from hongyan.model.ledger import Entry, EntryKind
from hongyan.model.meaning import Points
from hongyan.model.message import MessageState, Verdict
from hongyan.model.rows import OpenMessage
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.policy.codes import meaning_of
from hongyan.policy.receipts import settles
from hongyan.ports.receivers import Receivers
from hongyan.ports.tx.shared import EndingTx
from hongyan.services.counting import count_ended
from hongyan.services.steps.receivers import owe_reports

Ending = tuple[OpenMessage, Verdict, bool]
"""A message that this transaction has locked open, its verdict, and whether a carrier had accepted it."""


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
    _note_unknown(tx, endings, snapshot, now_ms)
    count_ended(tx, endings, snapshot.prefixes, now_ms)  # before statements put them out of the cache
    tx.finish([(message.id, verdict) for message, verdict, _ in endings])
    tx.post_returns(_returns(endings, snapshot), now_ms)
    rows = [(message.id, message.account_id, message.task_id) for message, _, _ in endings]
    return owe_reports(tx, rows, receivers, now_ms)


def _returns(endings: Sequence[Ending], snapshot: ConfigSnapshot) -> list[Entry]:
    returned: list[Entry] = []
    stay: dict[tuple[int, int, MessageState, str, bool], bool] = {}  # the same for most of a batch
    for message, verdict, was_accepted in endings:
        kind = message.account_id, message.channel_id, verdict.state, verdict.code, was_accepted
        if kind not in stay:
            stay[kind] = _stays_charged(message, verdict, snapshot, was_accepted=was_accepted)
        if message.points and not stay[kind]:
            returned.append(Entry(EntryKind.RETURN, message.id, message.account_id, message.product, message.points))
    return returned


def _stays_charged(message: OpenMessage, verdict: Verdict, snapshot: ConfigSnapshot, *, was_accepted: bool) -> bool:
    rule, by_code = snapshot.accounts_by_id[message.account_id].charge_rule, Points.RULE
    if verdict.state is MessageState.FAILED:
        meaning = meaning_of(snapshot.channels.get(message.channel_id), verdict.code)
        by_code = meaning.points if meaning else by_code
    return settles(rule, verdict.state, was_accepted=was_accepted, by_code=by_code)


def _note_unknown(tx: EndingTx, endings: Sequence[Ending], snapshot: ConfigSnapshot, now_ms: int) -> None:
    """Count the codes without a rule that ended messages; operators look at them."""
    ended = [(m.channel_id, verdict.code) for m, verdict, _ in endings if verdict.state in _EXPLAINED]
    unknown = Counter(one for one in ended if meaning_of(snapshot.channels.get(one[0]), one[1]) is None)
    if unknown:
        tx.note_unknown_codes([(channel_id, code, seen) for (channel_id, code), seen in unknown.items()], now_ms)
