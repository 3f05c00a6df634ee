"""Counts of what commands send, kept in the store: a command is a process of its own, and nobody reads its metrics."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hongyan.model.account import Product
from hongyan.model.submission import Accepted
from hongyan.ports.tx.shared import CountersTx

_ACCEPTED = "commands:accepted"


@dataclass(frozen=True, slots=True)
class CommandCounts:
    """What commands have sent since the store was made, or since an earlier moment."""

    accepted: int = 0  # numbers
    points: Mapping[Product, int] = field(default_factory=lambda: dict.fromkeys(Product, 0))  # points held
    segments: Mapping[Product, int] = field(default_factory=lambda: dict.fromkeys(Product, 0))

    def since(self, before: "CommandCounts") -> "CommandCounts":
        points = {product: self.points[product] - before.points[product] for product in Product}
        segments = {product: self.segments[product] - before.segments[product] for product in Product}
        return CommandCounts(self.accepted - before.accepted, points, segments)


def count_command(tx: CountersTx, product: Product, accepted: Accepted) -> None:
    """Count numbers that a command sent, in the transaction that accepts them. A repeat is not counted again."""
    if not accepted.is_repeat:
        tx.take_count(_ACCEPTED, accepted.count)
        tx.take_count(_points(product), accepted.points_held)
        tx.take_count(_segments(product), accepted.segments)


def command_counts(tx: CountersTx) -> CommandCounts:
    points = {product: tx.read_count(_points(product)) for product in Product}
    segments = {product: tx.read_count(_segments(product)) for product in Product}
    return CommandCounts(tx.read_count(_ACCEPTED), points, segments)


def _points(product: Product) -> str:
    return f"commands:{product.name.lower()}"


def _segments(product: Product) -> str:
    return f"commands:{product.name.lower()}_segments"
