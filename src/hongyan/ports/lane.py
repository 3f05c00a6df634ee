"""The way to the store: steps, and the lane that runs them in batches."""

from asyncio import Future
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from hongyan.ports.tx import Tx

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, eq=False)
class Step(Generic[Item, Result]):
    """An operation that a lane runs over a batch.

    run:  takes the transaction and the items, and returns one answer for each item; an answer that is an exception is raised to
          the caller of that item, and the others are not affected
    rank: steps of a batch run in this order, so that two lanes lock tables in the same order
    is_awaited: a customer waits for its answer; a lane may delay other steps a little, to commit more of them at once
    """

    name: str
    rank: int
    run: Callable[[Tx, Sequence[Item]], Sequence[Result | Exception]]
    is_awaited: bool = False


class StoreAway(Exception):
    """The store does not answer, or cannot be written now. The lane logs this once for all callers; it is no bug of theirs."""


class Lane(Protocol):
    """The way to the store: one writer that commits in groups."""

    def ask(self, step: Step[Item, Result], item: Item, *, is_urgent: bool = False) -> "Future[Result]":
        """Queue one item. The future is resolved after the commit that holds it. Called on the event loop.

        is_urgent: a link stands still until it is committed, so the lane does not wait for more items
        """
        ...
