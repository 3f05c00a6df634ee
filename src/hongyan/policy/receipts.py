"""The verdict of a message from its receipts, and the points from the verdict."""

from collections.abc import Mapping

from hongyan.model.account import ChargeRule
from hongyan.model.channel import Channel, ReceiptsGiven
from hongyan.model.meaning import CodeClass, Points
from hongyan.model.message import MessageState, ReceiptState, Verdict
from hongyan.model.receipt_words import DELIVERED, UNDELIVERED, UNKNOWN, read_state
from hongyan.policy.codes import meaning_of

Outcome = tuple[ReceiptState, str, int]
"""The carrier's last word about one part: the state, its own word for it, and when (milliseconds)."""

_ENDS = {
    ReceiptState.DELIVERED: MessageState.DELIVERED,
    ReceiptState.FAILED: MessageState.FAILED,
    ReceiptState.UNKNOWN: MessageState.UNKNOWN,
}


MINUTE_MS = 60_000


def ended_at(done_ms: int, received_ms: int) -> int:
    """Returns when a handset had its message, by a receipt.

    done_ms: the carrier's time, which is often cut to the minute; 0 if it has none
    returns: the moment the receipt came, if that is in the minute that the carrier names, or if the carrier's time has not come
             yet
    """
    return received_ms if not done_ms or received_ms - done_ms < MINUTE_MS else done_ms


def not_before(verdict: Verdict, sent_ms: int, now_ms: int) -> Verdict:
    """Returns the verdict with a moment that is not before that of sending, whatever the carrier's clock says."""
    earliest = min(sent_ms, now_ms)
    return verdict if verdict.at_ms >= earliest else Verdict(verdict.state, verdict.code, earliest)


_BY_CLASS = {
    CodeClass.DELIVERED: ReceiptState.DELIVERED,
    CodeClass.PENDING: ReceiptState.PENDING,
    CodeClass.UNKNOWN: ReceiptState.UNKNOWN,
}
"""Every other class says why a message failed."""


def judged(channel: Channel | None, state: ReceiptState, code: str, stat: str = "") -> tuple[ReceiptState, str]:
    """Returns the meaning of a receipt, after the code table was asked for a word that is not a state itself.

    channel: that brought it; None if it is gone
    state:   UNKNOWN if the word is no state itself: the table may know it, and else it stays unknown
    stat:    the word for the state, asked for where the code is another word that the table does not know
    returns: state and code; a word of success, or no word, never stands beside another state
    """
    if state is ReceiptState.UNKNOWN and (meaning := meaning_of(channel, code) or meaning_of(channel, stat)):
        state = _BY_CLASS.get(meaning.kind, ReceiptState.FAILED)
    if state is ReceiptState.DELIVERED:
        return state, code or DELIVERED
    if _says_success(code):
        code = UNDELIVERED if state is ReceiptState.FAILED else UNKNOWN
    return state, code


def _says_success(code: str) -> bool:
    """Returns whether it is a word of success, or empty. A number but 0 is no word: what it means depends on the protocol."""
    return not code.strip("0") or (any(map(str.isalpha, code)) and read_state(code)[0] is ReceiptState.DELIVERED)


def verdict_of(state: ReceiptState, code: str, at_ms: int) -> Verdict | None:
    """Returns the verdict on a message of one part; None for PENDING, which never ends a message."""
    end = _ENDS.get(state)
    return None if end is None else Verdict(end, code, at_ms)


def fold(given: ReceiptsGiven, parts: int, outcomes: Mapping[int, Outcome]) -> Verdict | None:
    """Returns the verdict of a message from its receipts, or None while more must come.

    given:    of which parts the channel sends receipts
    parts:    segments of the message
    outcomes: by part, from 1; parts without a receipt are absent
    returns:  FAILED as soon as one part failed; else, when every part that gets a receipt has a final one, UNKNOWN if the
              carrier does not know about one of them, and DELIVERED if all are
    """
    for part in sorted(outcomes):
        if outcomes[part][0] == ReceiptState.FAILED:
            return verdict_of(*outcomes[part])
    awaited = [outcomes.get(part) for part in _awaited(given, parts)]
    final = [outcome for outcome in awaited if outcome and outcome[0] != ReceiptState.PENDING]
    if len(final) < len(awaited):
        return None
    return verdict_of(*max(final, key=_unknown_then_latest))


def _unknown_then_latest(outcome: Outcome) -> tuple[bool, int]:
    return outcome[0] == ReceiptState.UNKNOWN, outcome[2]


def _awaited(given: ReceiptsGiven, parts: int) -> range:
    if given == ReceiptsGiven.EVERY:
        return range(1, parts + 1)
    return range(1, 2) if given == ReceiptsGiven.FIRST else range(parts, parts + 1)


def settles(rule: ChargeRule, state: MessageState, *, was_accepted: bool, by_code: Points = Points.RULE) -> bool:
    """Returns whether the points of a message stay charged; if not they are returned.

    state:        the final one
    was_accepted: a carrier took at least one of its segments
    by_code:      the rule for points in the meaning of a failure's code
    """
    if state == MessageState.CANCELLED:  # it never left, so no rule applies
        return False
    if by_code is not Points.RULE:
        return by_code is Points.KEEP
    if rule == ChargeRule.SUBMITTED:
        return True
    if rule == ChargeRule.ACCEPTED:
        return was_accepted
    return state == MessageState.DELIVERED
