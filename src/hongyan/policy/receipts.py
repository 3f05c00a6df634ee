"""From receipts to the one verdict of a message, and from the verdict to its points."""

from collections.abc import Sequence

from hongyan.model.account import ChargeRule
from hongyan.model.channel import ReceiptsGiven
from hongyan.model.message import MessageState, PartOutcome, ReceiptState, Verdict


def fold(given: ReceiptsGiven, parts: int, outcomes: Sequence[PartOutcome]) -> Verdict | None:
    """The verdict that the receipts of a message amount to, or None while more must come.

    given:    of which parts the channel sends receipts
    parts:    segments of the message
    outcomes: what is known of its parts, at most one each, in any order
    returns:  FAILED as soon as one part failed; else, when every part that gets a receipt has a final one, UNKNOWN if the
              carrier does not know about one of them, and DELIVERED if all are. PENDING never ends a message
    """
    final = {}
    for outcome in outcomes:
        if outcome.state == ReceiptState.FAILED:
            return Verdict(MessageState.FAILED, outcome.code, outcome.at_ms)
        if outcome.state != ReceiptState.PENDING:
            final[outcome.part] = outcome
    awaited = _awaited(given, parts)
    if not all(part in final for part in awaited):
        return None
    told = max((final[part] for part in awaited), key=lambda outcome: (outcome.state, outcome.at_ms))
    state = MessageState.UNKNOWN if told.state == ReceiptState.UNKNOWN else MessageState.DELIVERED
    return Verdict(state, told.code, told.at_ms)


def _awaited(given: ReceiptsGiven, parts: int) -> range:
    if given == ReceiptsGiven.EVERY:
        return range(1, parts + 1)
    return range(1, 2) if given == ReceiptsGiven.FIRST else range(parts, parts + 1)


def settles(rule: ChargeRule, state: MessageState, *, was_accepted: bool) -> bool:
    """Whether the points of a message stay charged; False returns them.

    state:        the final one
    was_accepted: a carrier took at least one of its segments
    """
    if state == MessageState.CANCELLED:  # it never left, so no rule applies
        return False
    if rule == ChargeRule.SUBMITTED:
        return True
    if rule == ChargeRule.ACCEPTED:
        return was_accepted
    return state == MessageState.DELIVERED
