"""Giving back what was taken for an answer that did not leave."""

import asyncio
from collections.abc import Awaitable

import structlog

from hongyan.doors.context import HandedOut
from hongyan.ports.customer_api import CustomerApi
from hongyan.ports.lane import StoreAway

_log = structlog.get_logger("hongyan.doors")

AGAIN_S = 1.0
"""Pause before a store that is away is asked again."""


async def give_back(api: CustomerApi, handed_out: HandedOut) -> None:
    """Let these items wait again. A store that is away is asked until it is back, since nobody else knows of them."""
    while True:
        try:
            await api.give_back(handed_out.kind, handed_out.owed_ids)
        except StoreAway:
            await asyncio.sleep(AGAIN_S)
        else:
            return


async def hand_out(leaves: Awaitable[bool], api: CustomerApi, handed_out: HandedOut, door: str) -> None:
    """Answer with what is handed out only once. If the answer does not leave, for whatever reason, its items are given back.

    leaves: sends the answer, and returns whether it left our write buffer
    """
    has_left = False
    try:
        has_left = await leaves
    finally:
        if not has_left and handed_out.owed_ids:
            _log.info("handed_out_in_vain", door=door, items=len(handed_out.owed_ids), limit_by=("door",))
            await give_back(api, handed_out)
