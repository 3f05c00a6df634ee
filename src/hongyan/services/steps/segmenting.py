"""The segments of claimed messages: cut, signed and numbered as their channel wants. Shared by accept and dispatch."""

from collections.abc import Sequence
from itertools import accumulate

from hongyan.model.binary import Binary
from hongyan.model.channel import Alphabet, Channel, LongText
from hongyan.model.ids import made_ms
from hongyan.model.protocol import WHOLE
from hongyan.model.rows import ClaimedMessage
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.traffic import OutSegment
from hongyan.policy.binary import cut_binary
from hongyan.policy.content import place_signature
from hongyan.policy.cutting import MOST_PARTS, Cut, cut_text
from hongyan.policy.extno import source_number
from hongyan.policy.segments import split_text
from hongyan.policy.validity import validity_of


def to_send(
    messages: Sequence[ClaimedMessage], channel: Channel, cut: Cut | None, snapshot: ConfigSnapshot, now_ms: int
) -> tuple[list[OutSegment], list[ClaimedMessage]]:
    """Returns the segments of claimed messages, and the messages that waited too long."""
    known: dict[tuple[int, str], tuple[str, int]] = {}  # account and extno → the source number, and how long messages may wait
    segments: list[OutSegment] = []
    stale: list[ClaimedMessage] = []
    for message in messages:
        key = (message.account_id, message.extno)
        found = known.get(key)
        if found is None:
            account = snapshot.accounts_by_id[message.account_id]  # accounts are stopped, never deleted
            found = known[key] = source_number(channel, account, message.extno), validity_of(snapshot, account, channel.product)
        source, validity_s = found
        until_ms = _valid_until(message, validity_s) if validity_s or message.valid_until_ms else 0
        if until_ms and now_ms > until_ms:
            stale.append(message)
        else:
            ready = _segments(message, channel, cut, source, until_ms)
            if message.protocol_id:
                for segment in ready:
                    segment.protocol_id = message.protocol_id
            segments += ready
    return segments, stale


def _valid_until(message: ClaimedMessage, validity_s: int) -> int:
    """Returns the earlier of the account's and the submit's limits; 0 if a part of the message was sent, since the others
    follow it.
    """
    if message.parts_done:
        return 0
    limits = [message.valid_until_ms] if message.valid_until_ms else []
    return min([*limits, made_ms(message.id) + 1000 * validity_s] if validity_s else limits)


def _segments(message: ClaimedMessage, channel: Channel, cut: Cut | None, source: str, until_ms: int) -> list[OutSegment]:
    """Returns the segments that the channel has not sent yet."""
    attempt = message.tried.count(",") + 1 if message.tried else 0
    if message.udh is not None:
        whole = Binary(bytes.fromhex(message.text), bytes.fromhex(message.udh))
        return _binary_segments(message, cut_binary(whole, cut.long_text if cut else LongText.UDH8), source, attempt, until_ms)
    is_flash = message.flash == 1
    alphabet, parts = _cut(message, channel, cut.in_class_0() if cut and is_flash else cut)
    return [
        OutSegment(
            message_id=message.id,
            part=number,
            parts=len(parts),
            phone=message.phone,
            text=part,
            source=source,
            parcel_id=message.parcel_id,
            attempt=attempt,
            valid_until_ms=until_ms,
            alphabet=alphabet,
            is_flash=is_flash,
        )
        for number, part in enumerate(parts, 1)
        if number not in message.parts_done
    ]


def _cut(message: ClaimedMessage, channel: Channel, cut: Cut | None) -> tuple[Alphabet, list[str]]:
    """Returns the texts of the parts, and the alphabet that they leave in: as the customer cut them, or as the channel wants them."""
    if channel.protocol in WHOLE:
        return Alphabet.UCS2, [place_signature(message.text, channel.signature)]
    if message.cuts and not (cut and cut.long_text is LongText.PAYLOAD):
        return Alphabet.UCS2, _ready_parts(message.text, message.cuts)
    text = place_signature(message.text, channel.signature)
    if cut:
        return cut_text(text, cut)
    return Alphabet.UCS2, [text] if message.segments == 1 else split_text(text, MOST_PARTS)


def _ready_parts(text: str, cuts: str) -> list[str]:
    """Cut a text as its customer cut it. The parts leave in UCS-2, and a signature stays where it stands."""
    ends = list(accumulate(map(int, cuts.split(","))))
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _binary_segments(
    message: ClaimedMessage, parts: Sequence[Binary], source: str, attempt: int, until_ms: int
) -> list[OutSegment]:
    return [
        OutSegment(
            message_id=message.id,
            part=number,
            parts=len(parts),
            phone=message.phone,
            text="",
            source=source,
            parcel_id=message.parcel_id,
            attempt=attempt,
            valid_until_ms=until_ms,
            binary=part,
        )
        for number, part in enumerate(parts, 1)
        if number not in message.parts_done
    ]
