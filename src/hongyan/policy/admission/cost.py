"""The text fits as its channel sends it, and its segments are counted.

Moving a signature can move a place where a pair would be cut, and a signature that the carrier adds takes room.
"""

from hongyan.model.channel import SignaturePlace
from hongyan.model.refusal import Refusal
from hongyan.policy.admission.context import AdmissionContext
from hongyan.policy.content import place_signature
from hongyan.policy.segments import count_segments

_AS_IS = SignaturePlace.AS_IS  # Python 3.11 takes half a microsecond to find a member of an enum


def judge(context: AdmissionContext) -> None:
    """Counts segments and points for each number that has a channel.

    raises: Refusal CONTENT_LONG; a number with a text of its own is rejected instead
    """
    phones, channels, segments, points = context.phones, context.channels, context.segments, context.points = [], [], [], []
    texts = context.texts
    counts: dict[int, int] = {}  # by channel
    routed, context.routed = context.routed, []  # a hundred thousand of them would be gone through by the garbage collector
    for phone, channel_id, price in routed:
        if texts is not None:
            count = _count_own(context, channel_id, phone, texts[phone])
            if not count:
                continue
        elif not (count := counts.get(channel_id, 0)):
            count = counts[channel_id] = _count(context, channel_id, context.text, context.count)
        phones.append(phone)
        channels.append(channel_id)
        segments.append(count)
        points.append(count * price)


def _count_own(context: AdmissionContext, channel_id: int, phone: int, text: str) -> int:
    """Returns the segments of a number's own text; 0 if it does not fit, and the number is rejected."""
    try:
        return _count(context, channel_id, text, count_segments(text))
    except Refusal as refusal:
        context.reject(phone, refusal)
        return 0


def _count(context: AdmissionContext, channel_id: int, text: str, count: int) -> int:
    """Returns the segments of a text that fills `count` segments as it is written."""
    channel, submission = context.snapshot.channels[channel_id], context.submission
    stamp = channel.stamp
    if stamp is None and channel.signature is _AS_IS:
        return count
    if submission.mms is not None or submission.binary is not None or submission.parts is not None:
        return count
    return count_segments(place_signature(text, channel.signature), stamp=stamp)
