"""Giving back what was taken for an answer that did not leave."""

import asyncio

from hongyan.doors.context import HandedOut
from hongyan.ports.customer_api import CustomerApi
from hongyan.ports.lane import StoreAway

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
