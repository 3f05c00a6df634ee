"""What becomes of a message that a carrier refused.

Throttling does not come here: the link keeps such a segment and sends it again. There are many refusals, and they mean
different things at different carriers, so each but the last leads to another channel.
"""

from collections.abc import Set as AbstractSet

from hongyan.model.account import Product
from hongyan.model.channel import ChannelNeed
from hongyan.model.rows import OpenMessage
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.policy.numbers import carrier_of
from hongyan.policy.routing import choose

RESENT = "+"
"""Stands before a channel in the list of those tried: it took the message, which failed there and was sent once more."""

MOST_CHANNELS = 3  # the most channels that a message is offered to


def next_step(
    snapshot: ConfigSnapshot,
    account_id: int,
    product: Product,
    phone: int,
    need: ChannelNeed,
    tried: AbstractSet[int],
    *,
    was_accepted: bool,
) -> int | None:
    """Returns the channel to which a refused message goes next, or None: it has failed.

    tried:        channels that refused it, the last one included
    was_accepted: a carrier took some other segment of it; a long message moves as a whole or not at all
    """
    if was_accepted or len(tried) >= MOST_CHANNELS:
        return None
    return choose(snapshot, account_id, product, carrier_of(phone, snapshot.prefixes), phone, need, tried=tried)


def channels_tried(tried: str) -> set[int]:
    """Returns the channels that refused a message or at which it failed, as its row lists them."""
    return {int(channel) for channel in tried.split(",") if channel}


def was_resent(message: OpenMessage) -> bool:
    """Returns whether a carrier took it once, and it was sent once more."""
    return RESENT in message.tried


def with_tried(tried: str, channel: str) -> str:
    return f"{tried},{channel}" if tried else channel
