"""Makes the link of a channel: the only place that names the protocols side by side."""

from collections.abc import Callable, Mapping
from functools import partial

from hongyan.adapters.client import ClientAdapter
from hongyan.adapters.cmpp.client import CmppClient
from hongyan.adapters.sgip.client import SgipClient
from hongyan.adapters.smgp.client import SmgpClient
from hongyan.adapters.smpp.client import SmppClient
from hongyan.carriers.duplex import DuplexLink
from hongyan.carriers.http.link import HttpLink
from hongyan.carriers.link import CarrierLink
from hongyan.carriers.loopback import LoopbackLink
from hongyan.carriers.mm7.link import Mm7Link
from hongyan.http.connection_budget import ConnectionBudget
from hongyan.model.channel import Channel
from hongyan.model.protocol import Protocol
from hongyan.ports.clock import Clock
from hongyan.ports.link import Link, LinkEvents, LinkMaker

_ADAPTERS: Mapping[Protocol, Callable[[Channel], ClientAdapter]] = {
    Protocol.CMPP2: CmppClient,
    Protocol.CMPP3: CmppClient,
    Protocol.SMGP: SmgpClient,
    Protocol.SGIP: SgipClient,
    Protocol.SMPP: SmppClient,
}


def make_link(channel: Channel, events: LinkEvents, clock: Clock, budget: ConnectionBudget | None = None) -> Link:
    """Returns the link of a channel, not yet opened. budget: shared with all channels' listeners"""
    if channel.protocol is Protocol.LOOPBACK:
        return LoopbackLink(channel, events, clock)
    if channel.protocol is Protocol.HTTP:
        return HttpLink(channel, events, clock, budget)
    if channel.protocol is Protocol.MM7:
        return Mm7Link(channel, events, clock, budget=budget)
    if channel.protocol is Protocol.SGIP:
        return DuplexLink(channel, adapter_of, events, clock, budget=budget)
    return CarrierLink(channel, adapter_of, events, clock)


def link_maker(clock: Clock, budget: ConnectionBudget | None = None) -> LinkMaker:
    """budget: for connections of carriers to all channels' listeners of the process"""
    return partial(make_link, clock=clock, budget=budget)


def adapter_of(channel: Channel) -> ClientAdapter:
    """raises: ValueError or BadPdu if the channel's settings do not fit its protocol"""
    return _ADAPTERS[channel.protocol](channel)
