"""Channel options that several protocols read."""

from collections.abc import Sequence

from hongyan.model.channel import Channel, check_options
from hongyan.model.errors import Invalid

TRANSCEIVER, TRANSMITTER, RECEIVER, _SPLIT = BINDS = ("transceiver", "transmitter", "receiver", "split")
_IDLE_S = 30.0


def one_of(channel: Channel, option: str, words: Sequence[str]) -> str:
    """Returns the value of an option that is one of a few words; the first word is the default. raises: ValueError"""
    word = channel.options.get(option) or words[0]
    if word not in words:
        raise ValueError(f"{option} is one of {', '.join(words)}, not {word}")
    return word


def is_on(channel: Channel, option: str, *, usual: bool = False) -> bool:
    return channel.options.get(option, "yes" if usual else "no").lower() in {"yes", "true", "on", "1"}


def check_values(channel: Channel) -> None:
    """raises: ValueError for an option whose value is not allowed"""
    try:
        check_options(channel.options)
    except Invalid as unfit:
        raise ValueError(str(unfit)) from None


def idle_s(channel: Channel) -> float:
    """Returns the seconds after which an unused connection is closed, to be opened again when there is something to send; 0:
    never.

    Options `keep_open` (yes) and, if that is no, `idle_s` (30).
    """
    if is_on(channel, "keep_open", usual=True):
        return 0.0
    try:
        return max(1.0, float(channel.options["idle_s"]))
    except (KeyError, ValueError):
        return _IDLE_S


def check_bind(channel: Channel) -> None:
    """raises: ValueError for an unknown word, or if one connection should be two"""
    if one_of(channel, "bind", BINDS) == _SPLIT and channel.connections < len((TRANSMITTER, RECEIVER)):
        raise ValueError("bind=split takes two connections or more: one sends, the next one receives")


def bind_of(channel: Channel, index: int) -> str:
    """Returns the kind of a connection: transceiver, transmitter or receiver; option `bind`, in which `split` alternates.

    raises: ValueError for another word
    """
    word = one_of(channel, "bind", BINDS)
    if word != _SPLIT:
        return word
    return TRANSMITTER if index % 2 == 0 else RECEIVER


def senders(channel: Channel) -> int:
    """Returns how many of its connections send."""
    match channel.options.get("bind"):
        case "split":
            return (channel.connections + 1) // 2
        case "receiver":
            return 0
        case _:
            return channel.connections
