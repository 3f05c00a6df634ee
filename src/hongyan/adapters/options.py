"""Channel options that several protocols read."""

from collections.abc import Sequence
from math import isfinite
from typing import LiteralString

from hongyan.model.channel import Channel
from hongyan.model.channel_options import check_options
from hongyan.model.errors import Invalid
from hongyan.model.sentence import fill_gaps

TRANSCEIVER, TRANSMITTER, RECEIVER, _SPLIT = BINDS = ("transceiver", "transmitter", "receiver", "split")
_IDLE_S = 30.0
_DIGITS_MOST = 12


class WrongOption(ValueError):
    """An option that the channel's protocol cannot take: why, as an English sentence and its facts."""

    def __init__(self, sentence: LiteralString, **facts: object) -> None:
        super().__init__(fill_gaps(sentence, facts))
        self.sentence, self.facts = sentence, facts


def one_of(channel: Channel, option: str, words: Sequence[str]) -> str:
    """Returns the value of an option that is one of a few words; the first word is the default. raises: WrongOption"""
    word = channel.options.get(option) or words[0]
    if word not in words:
        raise WrongOption("{option} is one of {words}, not {value}", option=option, words=", ".join(words), value=word)
    return word


def number_of(channel: Channel, option: str, usual: int) -> int:
    """Returns an option that is a whole number. raises: WrongOption"""
    value = channel.options.get(option) or str(usual)
    if not (value.isascii() and value.isdecimal() and len(value) <= _DIGITS_MOST):
        raise WrongOption("{option} is a whole number, not {value}", option=option, value=value)
    return int(value)


def seconds_of(channel: Channel, option: str, usual: float, least: float = 0.0) -> float:
    """Returns an option that is a number of seconds; the usual one for a text that is none."""
    try:
        seconds = float(channel.options[option])
    except (KeyError, ValueError):
        return usual
    return max(least, seconds) if isfinite(seconds) else usual


def path_of(channel: Channel, usual: str) -> str:
    """Returns option `path`. raises: WrongOption"""
    path = channel.options.get("path", usual)
    if not path.startswith("/"):
        raise WrongOption("{option} begins with a slash; {value} does not", option="path", value=path)
    return path


def is_on(channel: Channel, option: str, *, usual: bool = False) -> bool:
    return channel.options.get(option, "yes" if usual else "no").lower() in {"yes", "true", "on", "1"}


def check_values(channel: Channel) -> None:
    """raises: WrongOption for an option whose value is not allowed"""
    try:
        check_options(channel.options)
    except Invalid as unfit:
        raise WrongOption(unfit.sentence, **unfit.facts) from None


def idle_s(channel: Channel) -> float:
    """Returns the seconds after which an unused connection is closed, to be opened again when there is something to send; 0:
    never.

    Options `keep_open` (yes) and, if that is no, `idle_s` (30).
    """
    if is_on(channel, "keep_open", usual=True):
        return 0.0
    return seconds_of(channel, "idle_s", _IDLE_S, least=1.0)


def check_bind(channel: Channel) -> None:
    """raises: WrongOption for an unknown word, or if one connection should be two"""
    if one_of(channel, "bind", BINDS) == _SPLIT and channel.connections < len((TRANSMITTER, RECEIVER)):
        raise WrongOption("bind=split takes two connections or more: one sends, the next one receives")


def bind_of(channel: Channel, index: int) -> str:
    """Returns the kind of a connection: transceiver, transmitter or receiver; option `bind`, in which `split` alternates.

    raises: WrongOption for another word
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
