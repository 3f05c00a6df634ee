"""When a change of money waits for a second person, and who that may be."""

from collections.abc import Collection

from hongyan.model.account import Actor
from hongyan.model.approval import AloneRule
from hongyan.model.money import MoneyChange, MoneyKind

_ALONE = {"cli", "system"}
"""Kinds of actors who have the machine, its store and its key: a rule would hold nothing back."""


def asks_second_person(change: MoneyChange, actor: Actor, rule: AloneRule) -> bool:
    """Whether it waits. Points that are taken away do not."""
    if actor.kind in _ALONE:
        return False
    return not rule.prices if change.kind is MoneyKind.PRICE else change.points > rule.points_most


def may_decide(decider: Actor, makers: Collection[str]) -> bool:
    """A person, and none of those who asked for it; programs decide nothing.

    makers: kind:name of who asked for it and, if that was a program, of who made its token
    """
    return decider.kind != "token" and str(decider) not in makers
