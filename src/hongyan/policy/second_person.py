"""When a change of money waits for a second person, and who that may be."""

from collections.abc import Collection

from hongyan.model.act import Actor
from hongyan.model.approval import AloneRule
from hongyan.model.money import MoneyChange, MoneyKind

_ALONE = {"cli", "system"}
"""Kinds of actors who have the machine, its store and its key, so that a rule could not stop them."""


def asks_second_person(change: MoneyChange, actor: Actor, rule: AloneRule) -> bool:
    """Returns whether it waits. Taking points away does not."""
    if actor.kind in _ALONE:
        return False
    return not rule.prices if change.kind is MoneyKind.PRICE else change.points > rule.points_most


def may_decide(decider: Actor, makers: Collection[str]) -> bool:
    """Returns whether the decider is a person and none of the makers; programs decide nothing.

    makers: kind:name of who asked for it and, if that was a program, of the maker of its token
    """
    return decider.kind != "token" and str(decider) not in makers
