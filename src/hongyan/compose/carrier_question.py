"""A question to a channel's carrier, for a command: on a connection of its own, beside those of a running platform."""

import time
from collections.abc import Mapping

import uvloop

from hongyan.carriers.questions import CannotAsk, Question, ask
from hongyan.compose.troubles import PeerUnreachable
from hongyan.model.channel import Channel
from hongyan.wire.frame import BadPdu


def ask_carrier(
    channel: Channel, *, message_id: str, day: str, is_cancellation: bool, source: str, dest: str
) -> Mapping[str, object]:
    """Returns the carrier's answer. raises: PeerUnreachable with the cause"""
    question = Question(message_id, day, is_cancellation, source, dest)
    try:
        return uvloop.run(ask(channel, question, time.time_ns() // 1_000_000))
    except CannotAsk as why:
        raise PeerUnreachable("{name}: {why}", name=channel.name, why=why) from why
    except (BadPdu, ValueError) as unfit:
        raise PeerUnreachable("{name}: {unfit}", "hongyan channel show {name}", name=channel.name, unfit=unfit) from unfit
