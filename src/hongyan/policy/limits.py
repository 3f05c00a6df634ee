"""Limits: rules over what was sent before, and over the balance. They are judged with their counts and the wallet locked.

A limit counts numbers towards keys, such as (account, phone, day), and has a maximum for each key. One that judges the
submission is asked when the task is accepted, also for a task that waits. One that judges numbers is asked when messages are
made: when the task is accepted, or else when it is released.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hongyan.model.account import Account, PayMode, Product
from hongyan.model.refusal import Code, Refusal
from hongyan.model.usage import UsageKey
from hongyan.policy.admission.table import RuleScope


@dataclass(frozen=True, slots=True)
class Asked:
    """Numbers that an account wants to send to."""

    account: Account
    product: Product
    phones: Sequence[int]
    at_ms: int  # when they are sent


@dataclass(frozen=True, slots=True)
class Limit:
    """How many numbers a key may have.

    judges: SUBMISSION refuses it if the key has no room for all of its numbers; NUMBER rejects each number without room
    key_of: the key of a number of an account; None if it is not limited. A limit of submissions has one key for all
    most:   for a key of this account
    """

    cause: Code
    judges: RuleScope
    key_of: Callable[[Asked, int], UsageKey | None]
    most: Callable[[Account], int]


LIMITS: tuple[Limit, ...] = ()
"""All limits, in the order in which they judge."""


@dataclass(slots=True)
class Usage:
    """What was counted before, and what is added by those judged since."""

    times: dict[UsageKey, int] = field(default_factory=dict)
    added: Counter[UsageKey] = field(default_factory=Counter)

    def take(self, limits: Iterable[Limit], asked: Asked, phones: Sequence[int]) -> None:
        """Count numbers that are sent to."""
        for limit in limits:
            self.added.update(key for phone in phones if (key := limit.key_of(asked, phone)) is not None)

    def of(self, key: UsageKey) -> int:
        return self.times.get(key, 0) + self.added[key]


def keys_of(limits: Iterable[Limit], asked: Asked) -> set[UsageKey]:
    """Returns the counts that these limits need."""
    return {key for limit in limits for phone in asked.phones if (key := limit.key_of(asked, phone)) is not None}


def over_limit(limits: Iterable[Limit], asked: Asked, usage: Usage) -> Mapping[int, Code]:
    """Returns the numbers without room, and why.

    raises: Refusal of a limit that the submission as a whole exceeds
    """
    out: dict[int, Code] = {}
    for limit in limits:
        most, more = limit.most(asked.account), Counter[UsageKey]()
        for phone in asked.phones:
            key = limit.key_of(asked, phone) if phone not in out else None
            if key is None:
                continue
            more[key] += 1
            if usage.of(key) + more[key] > most:
                if limit.judges is RuleScope.SUBMISSION:
                    raise Refusal(limit.cause, most=most)
                out[phone] = limit.cause
                more[key] -= 1
    return out


def short_of_balance(need_points: int, points: int, credit: int, pay_mode: PayMode) -> Refusal | None:
    """Returns the refusal of an account that may not hold so many points; None if it may.

    points: of the wallet now, below zero for a post-paid account that owes
    credit: how far below zero a post-paid wallet may go; a prepaid one has none
    """
    free = points + credit if pay_mode == PayMode.POSTPAID else points
    if need_points > free:
        return Refusal(Code.BALANCE_SHORT, need=need_points, free=free)
    return None
