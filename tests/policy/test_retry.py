import pytest

from hongyan.model.account import Product
from hongyan.model.channel import Channel, ChannelNeed
from hongyan.model.destination import Carrier
from hongyan.model.prefixes import PrefixTable
from hongyan.model.protocol import Protocol
from hongyan.model.route import Route
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.policy.retry import MOST_CHANNELS, next_step

PHONE = 8613800138000
SNAPSHOT = ConfigSnapshot(
    channels={n: Channel(n, f"c{n}", Protocol.LOOPBACK) for n in range(1, 6)},
    routes=(
        Route(1, 1, carrier=Carrier.MOBILE),
        Route(2, 2, carrier=Carrier.MOBILE, tier=1),
        Route(3, 3, tier=2),
        Route(4, 4, tier=3),
        Route(5, 5, carrier=Carrier.UNICOM),
    ),
    prefixes=PrefixTable.of({"138": Carrier.MOBILE}),
)


@pytest.mark.parametrize(
    ("tried", "was_accepted", "channel_id"),
    [
        ({1}, False, 2),
        ({2}, False, 1),
        ({1, 2}, False, 3),
        ({1}, True, None),  # a long message moves whole or not at all
        ({1, 2, 3}, False, None),  # channel 4 is left, but three refusals are an answer
    ],
)
def test_a_refused_message_goes_to_the_next_channel(tried, was_accepted, channel_id):
    assert next_step(SNAPSHOT, 1, Product.SMS, PHONE, ChannelNeed.TEXT, tried, was_accepted=was_accepted) == channel_id


def test_a_message_fails_when_no_other_channel_serves_its_carrier():
    one_channel = ConfigSnapshot(channels=SNAPSHOT.channels, routes=SNAPSHOT.routes[:1], prefixes=SNAPSHOT.prefixes)
    assert next_step(one_channel, 1, Product.SMS, PHONE, ChannelNeed.TEXT, {1}, was_accepted=False) is None


def test_the_road_of_refusals_ends():
    tried, channel_id = set(), 1
    while channel_id is not None:
        tried.add(channel_id)
        channel_id = next_step(SNAPSHOT, 1, Product.SMS, PHONE, ChannelNeed.TEXT, tried, was_accepted=False)
    assert len(tried) == MOST_CHANNELS
