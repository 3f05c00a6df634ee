"""Which link a channel gets: the only place that names the protocols side by side."""

from collections.abc import Callable, Mapping
from functools import partial

from hongyan.carriers.cmpp import CmppSpeech
from hongyan.carriers.http import HttpLink
from hongyan.carriers.link import CarrierLink
from hongyan.carriers.loopback import LoopbackLink
from hongyan.carriers.mm7_link import Mm7Link
from hongyan.carriers.sgip import SgipSpeech
from hongyan.carriers.smgp import SmgpSpeech
from hongyan.carriers.smpp import SmppSpeech
from hongyan.carriers.speech import Speech
from hongyan.carriers.twoway import TwoWayLink
from hongyan.http.places import Places
from hongyan.model.channel import Channel, Protocol
from hongyan.ports import Clock, Link, LinkEvents, LinkMaker

_SPEECHES: Mapping[Protocol, Callable[[Channel], Speech]] = {
    Protocol.CMPP2: CmppSpeech,
    Protocol.CMPP3: CmppSpeech,
    Protocol.SMGP: SmgpSpeech,
    Protocol.SGIP: SgipSpeech,
    Protocol.SMPP: SmppSpeech,
}


def make_link(channel: Channel, events: LinkEvents, clock: Clock, places: Places | None = None) -> Link:
    """The link of a channel, not yet opened. places: that all channels' listeners share"""
    if channel.protocol is Protocol.LOOPBACK:
        return LoopbackLink(channel, events, clock)
    if channel.protocol is Protocol.HTTP:
        return HttpLink(channel, events, clock, places)
    if channel.protocol is Protocol.MM7:
        return Mm7Link(channel, events, clock, places=places)
    if channel.protocol is Protocol.SGIP:
        return TwoWayLink(channel, speak, events, clock, places=places)
    return CarrierLink(channel, speak, events, clock)


def link_maker(clock: Clock, places: Places | None = None) -> LinkMaker:
    """places: for connections of carriers to all channels' listeners of the process"""
    return partial(make_link, clock=clock, places=places)


def speak(channel: Channel) -> Speech:
    """raises: ValueError or BadPdu when the channel's settings do not fit its protocol"""
    return _SPEECHES[channel.protocol](channel)
