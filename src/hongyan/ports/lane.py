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
    """What a lane runs over a batch.

    run:  takes the transaction and the items, and returns one answer an item; an answer that is an exception is raised to
          the one who asked, and the others are not touched
    rank: steps of a batch run in this order, so that two lanes lock tables in the same order
    is_awaited: a customer waits for its answer; a lane may let other steps wait a little longer, to commit more of them at once
    """

    name: str
    rank: int
    run: Callable[[Tx, Sequence[Item]], Sequence[Result | Exception]]
    is_awaited: bool = False


class StoreAway(Exception):
    """The store does not answer, or cannot be written now. The lane logs that in a line for all; it is no bug of who asked."""


class Lane(Protocol):
    """The way to the store: one writer, group commit."""

    def ask(self, step: Step[Item, Result], item: Item, *, is_urgent: bool = False) -> "Future[Result]":
        """Queue one item; the future is resolved after the commit that holds it. Called on the event loop.

        is_urgent: a link stands still until it is committed; the lane does not wait for more to come
        """
        ...
