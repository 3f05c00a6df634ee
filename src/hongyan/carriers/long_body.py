"""Reads what carriers post or answer; long bodies in a thread, so that everybody else is served meanwhile."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

LONG_OCTETS = 64 * 1024

Value = TypeVar("Value")


async def read_beside(read: Callable[[bytes], Value], octets: bytes) -> Value:
    """Returns what `read` makes of the octets. raises: what that raises"""
    return await asyncio.to_thread(read, octets) if len(octets) > LONG_OCTETS else read(octets)
