"""MM7 in the role of the VASP: MMS become SubmitReqs; reports and MMS of handsets become receipts and replies.

Channel options: `variant` (3gpp or cm), `path` (/mm7), `tls=yes`, `vaspid`, `vasid`, `service_code`, `charged_party`
(by default Sender), `auth` (none, basic or digest; basic if the channel has a user), and those of the listener:
`listen_port`, `listen_host`, `allow_ip`, `listen_path` (/mm7).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from hongyan.adapters.carrier_ids import bounded
from hongyan.adapters.carrier_time import BEIJING
from hongyan.adapters.client import state_of
from hongyan.adapters.delivery_name import name_by_content
from hongyan.adapters.numbers import phone_of, recipient_of
from hongyan.adapters.options import check_values, is_on, one_of, path_of
from hongyan.model.channel import Channel
from hongyan.model.message import ReceiptState
from hongyan.model.mms import SMIL, TEXT, Media
from hongyan.model.phone import national
from hongyan.model.traffic import OutSegment, Receipt, ReplyPart
from hongyan.wire.mm7.pdu import DeliverReq, Part, Report, SubmitReq, Variant
from hongyan.wire.url import in_url

_AUTHS, _AUTHS_OF_USER = ("none", "basic", "digest"), ("basic", "none", "digest")
_VARIANTS = tuple(variant.value for variant in Variant)

_NUMBERED = {
    "0": "Expired", "1": "Retrieved", "2": "System Rejected", "3": "Recipient Rejected", "4": "Indeterminate", "5": "Forwarded",
}  # fmt: skip
"""Statuses of delivery reports as China Mobile's own programs number them; other protocols number other states."""

_NUMBERED_READ = {"0": "Read", "1": "Deleted without being read", "2": "Indeterminate"}
"""The same of read reports."""

_BEHIND_NUMBER = re.compile(r"(?:/TYPE=|@).*", re.IGNORECASE | re.DOTALL)
_TAKEN_BY_GATEWAY = "1001"  # StatusText of Unicom's second report: not final


@dataclass(frozen=True, slots=True)
class Account:
    """Our account at a relay/server, and its address."""

    variant: Variant
    url: str
    path: str
    auth: str
    vaspid: str
    vasid: str
    service_code: str
    charged_party: str


def read_account(channel: Channel) -> Account:
    """raises: WrongOption"""
    check_values(channel)
    option = channel.options.get
    path = path_of(channel, "/mm7")
    auth = one_of(channel, "auth", _AUTHS_OF_USER if channel.user else _AUTHS)
    scheme = "https" if is_on(channel, "tls") else "http"
    return Account(
        variant=Variant(one_of(channel, "variant", _VARIANTS)),
        url=f"{scheme}://{in_url(channel.host)}:{channel.port}{path}",
        path=path,
        auth=auth,
        vaspid=option("vaspid") or channel.user,
        vasid=option("vasid") or channel.access,
        service_code=option("service_code", ""),
        charged_party=option("charged_party", "Sender"),
    )


def submit_of(segment: OutSegment, account: Account, now_ms: int) -> SubmitReq:
    """Returns the request for one MMS. It has the same TransactionID however often it is sent, also after a restart."""
    is_cm = account.variant is Variant.CHINA_MOBILE
    number = national(segment.phone).removeprefix("00")
    return SubmitReq(
        transaction_id=f"{segment.message_id}-{segment.attempt}",
        vaspid=account.vaspid,
        vasid=account.vasid,
        sender=segment.source,
        recipients=(number if is_cm else str(segment.phone),),
        subject=segment.text,
        parts=tuple(_part(media) for media in segment.media),
        service_code=account.service_code,
        linked_id="0" if is_cm else "",
        timestamp="" if is_cm else _iso(now_ms),
        charged_party=account.charged_party,
        charged_party_id=number if is_cm else "",
    )


def _part(media: Media) -> Part:
    is_text = media.kind == SMIL or media.kind.startswith("text/")
    return Part(media.name, media.kind, media.data, "utf-8" if is_text else "")


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms // 1000, BEIJING).isoformat()


def receipt_of(report: Report, channel: Channel, now_ms: int) -> Receipt | None:
    """Returns the receipt; None if it names no message whose id is kept. A read report says at least that the handset has the
    message.
    """
    if not bounded(report.message_id):
        return None
    says_more = report.status_text.isdecimal()  # the network's own word
    state, code = state_of(_word_of(report), f"MM:{report.status_text}" if says_more else "")
    if report.status.lower().startswith("second") or report.status_text == _TAKEN_BY_GATEWAY:
        state, code = ReceiptState.PENDING, "ACCEPTD"
    if report.is_read and state is not ReceiptState.DELIVERED:
        state = ReceiptState.PENDING
    moment = _moment(report.date, now_ms, channel.receipt_zone_ms)
    return Receipt(
        channel_id=channel.id,
        carrier_ids=(report.message_id,),
        phone=recipient_of(channel, _number(report.recipient)),
        state=state,
        code=code,
        done_ms=moment,
        received_ms=now_ms,
    )


def _word_of(report: Report) -> str:
    """Returns the status of a report as a word; a number that means nothing is none of those that other protocols have."""
    words = _NUMBERED_READ if report.is_read else _NUMBERED
    return words.get(report.status, f"MM:{report.status}" if report.status.isdecimal() else report.status)


def reply_of(deliver: DeliverReq, channel: Channel, now_ms: int) -> ReplyPart:
    """Returns the reply. Its text is that of the MMS, or the subject if there is none; its media stay with it.

    After an outage a relay/server may repeat it under another TransactionID, so this is its name only if it has no TimeStamp.
    """
    media = tuple(_media(part) for part in deliver.parts)
    texts = [one.data.decode("utf-8", "replace").strip() for one in media if one.kind == TEXT]
    text = "\n".join(filter(None, texts)) or deliver.subject
    dest = _ours([_number(address) for address in deliver.recipients], channel.access)
    lasting = name_by_content(deliver.timestamp, deliver.sender, dest, deliver.subject, *(part.data for part in deliver.parts))
    # a long id is hashed: if it were cut, two might become equal
    name = lasting or bounded(deliver.transaction_id) or sha256(deliver.transaction_id.encode()).hexdigest()
    reply = ReplyPart(channel.id, phone_of(_number(deliver.sender)), dest, text.encode("utf-16-be", "replace"), name, now_ms)
    reply.media, reply.is_named_anew = media, not lasting
    return reply


def _number(address: str) -> str:
    """Returns the number in an address, behind which its network or a host may stand: +8613800138000/TYPE=PLMN.

    source: OMA MMS Encapsulation Protocol, addressing model
    """
    return _BEHIND_NUMBER.sub("", address).rstrip()


def _ours(numbers: Sequence[str], access: str) -> str:
    """Returns the one of several recipients that is our number, else the first; "" if there is none."""
    return next((one for one in numbers if access and one.startswith(access)), numbers[0] if numbers else "")


def _media(part: Part) -> Media:
    is_text = part.kind == SMIL or part.kind.startswith("text/")
    data = part.text.encode() if is_text else part.data
    return Media(part.name[:200], part.kind[:100], data)


def _moment(text: str, now_ms: int, zone_ms: int) -> int:
    """Reads ISO 8601, by the channel's clock if it names no zone; returns now for a text that is no time."""
    try:
        moment = datetime.fromisoformat(text)
        at_ms = int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000)
    except (ValueError, OverflowError):
        return now_ms
    return at_ms if moment.tzinfo else at_ms - zone_ms
