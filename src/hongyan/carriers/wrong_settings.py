"""What is said of a channel whose settings do not fit its protocol: its link goes on with the old ones, or stays down."""

import structlog

from hongyan.adapters.options import WrongOption
from hongyan.model.channel import Channel
from hongyan.model.translatable import Translatable

log = structlog.get_logger(__name__)


def wrong_settings(channel: Channel, wrong: Exception) -> Translatable:
    """Log it; returns it as the trouble of the channel."""
    log.error("channel_settings_unfit", channel=channel.name, what=str(wrong))
    what = (
        Translatable.of(wrong)
        if isinstance(wrong, WrongOption)
        else Translatable("a PDU cannot be written ({what})", what=wrong)
    )
    return Translatable("its settings do not fit: {what}", what=what)
