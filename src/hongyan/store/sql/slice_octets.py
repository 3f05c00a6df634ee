"""The numbers of a slice as they are stored.

The commit that accepts a large task encodes hundreds of slices. As octets they take half the time and space of JSON.
"""

from struct import Struct, pack, unpack_from
from typing import Any

import orjson

Columns = tuple[list[int], list[str] | None, list[int], list[int]]
"""Phones, texts if each number has its own, segments and points; in the same order."""

_COUNT = Struct("<I")


def encode_slice(phones: list[int], texts: list[str] | None, segments: list[int], points: list[int]) -> bytes:
    """Encode a slice: the count of numbers in 4 octets, each phone in 8, the other columns in JSON. A column of equal values is
    one value.
    """
    others = orjson.dumps((texts, _column(segments), _column(points)))
    return pack(f"<I{len(phones)}q", len(phones), *phones) + others


def decode_slice(octets: bytes | memoryview) -> Columns:
    """Decode what `encode_slice` encoded."""
    (count,) = _COUNT.unpack_from(octets)
    phones = list(unpack_from(f"<{count}q", octets, _COUNT.size))
    texts, segments, points = orjson.loads(octets[_COUNT.size + 8 * count :])
    return phones, texts, _filled(segments, count), _filled(points, count)


def _column(values: list[int]) -> int | list[int]:
    return values[0] if values.count(values[0]) == len(values) else values


def _filled(column: Any, count: int) -> list[int]:
    return [column] * count if isinstance(column, int) else column
