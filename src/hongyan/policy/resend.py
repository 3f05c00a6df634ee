"""Whether a message that failed after a carrier took it is sent once more (补发), and by which channel."""

from hongyan.model.account import Product
from hongyan.model.channel import Channel, ChannelNeed, ChannelState
from hongyan.model.ids import made_ms
from hongyan.model.message import MessageState, Verdict
from hongyan.model.rows import OpenMessage
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.policy.codes import meaning_of
from hongyan.policy.numbers import carrier_of
from hongyan.policy.retry import RESENT, channels_tried
from hongyan.policy.routing import choose


def may_resend(snapshot: ConfigSnapshot, message: OpenMessage, verdict: Verdict, now_ms: int) -> bool:
    """Returns whether it is sent once more.

    This happens at most once, if the account asks for it, while the message is young enough, and for a code for which another
    channel may help.
    """
    account = snapshot.accounts_by_id[message.account_id]
    is_open_to_it = verdict.state is MessageState.FAILED and account.resend_within_s and RESENT not in message.tried
    if not is_open_to_it or now_ms - made_ms(message.id) > account.resend_within_s * 1000:
        return False
    meaning = meaning_of(snapshot.channels.get(message.channel_id), verdict.code)
    return meaning is not None and meaning.may_resend


def second_channel(snapshot: ConfigSnapshot, message: OpenMessage, need: ChannelNeed) -> int | None:
    """Returns the best channel that was not tried, is up, and is within the account's cost (0.0001 CNY for all segments; 0 is
    no limit).

    None: the verdict stays.
    """
    cost_most_e4 = snapshot.accounts_by_id[message.account_id].resend_cost_e4
    product, carrier = Product(message.product), carrier_of(message.phone, snapshot.prefixes)
    tried = channels_tried(message.tried) | {message.channel_id}
    while (other := choose(snapshot, message.account_id, product, carrier, message.phone, need, tried=tried)) is not None:
        channel = snapshot.channels[other]
        if _is_up(snapshot, channel) and (not cost_most_e4 or channel.cost_e4 * message.segments <= cost_most_e4):
            return other
        tried.add(other)
    return None


def _is_up(snapshot: ConfigSnapshot, channel: Channel) -> bool:
    return channel.state is ChannelState.RUNNING and channel.id not in snapshot.down
