"""The receipt that a deliver_sm carries as text, its optional parameters, or both.

The text is the common template, not a standard: keys in any order and any case, dates of 10 or 12 digits, any of them
missing. What stands behind `text:` is the message's own words and is not searched for keys.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from hongyan.wire.smpp import DataSm, Sm
from hongyan.wire.smpp_tlv import Tag
from hongyan.wire.tlv import read_number, read_string

# Plain numbers: looking a member up in its enum takes longer than looking it up among the parameters.
_ID, _STATE, _ERROR = int(Tag.RECEIPTED_MESSAGE_ID), int(Tag.MESSAGE_STATE), int(Tag.NETWORK_ERROR_CODE)
_PAYLOAD = int(Tag.MESSAGE_PAYLOAD)

_TYPE = 0x3C  # of esm_class
_IS_RECEIPT, _IS_NOTICE = 0x04, 0x20

_KEY = rb"(id|sub|dlvrd|submit ?date|done ?date|stat|err|text)\s*:"
_FACTS = re.compile(rb"\b" + _KEY + rb"(?:\s*(?!" + _KEY + rb")(\S+))?", re.IGNORECASE)  # a key may have no value
_TEXT = re.compile(rb"\btext\s*:", re.IGNORECASE)
_LOOKS_LIKE = re.compile(rb"\A\s*id\s*:\s*\S+\s.*\bstat\s*:", re.IGNORECASE | re.DOTALL)
_USUAL = re.compile(rb"sub:\S* dlvrd:\S* submit date:(\S*) done date:(\S*) stat:(\S*) err:(\S*)")
"""What nearly every centre writes between the id and the message's own words."""

_USUAL_MOST = 128

STATES = {1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 6: "ACCEPTD", 7: "UNKNOWN", 8: "REJECTD"}
"""message_state → the word that the text has for it (SMPP 3.4, 5.2.28 and appendix B)."""


@dataclass(slots=True)
class ReceiptText:
    """What a receipt says. A parameter is believed over the text; `id_text` and `id_tlv` may differ in base."""

    id_text: str = ""
    id_tlv: str = ""
    stat: str = ""  # upper case; "" when neither text nor parameter says
    err: str = ""
    submit_date: str = ""  # 10 or 12 digits, the zone is the carrier's
    done_date: str = ""
    is_notice: bool = False  # intermediate: never the end of a message


def read_receipt(pdu: Sm | DataSm) -> ReceiptText | None:
    """The receipt in a deliver_sm or data_sm, or None when a person wrote it.

    Some centres leave esm_class 0: then a parameter receipted_message_id, or a text that begins with `id:`, makes it one
    when a state is told too. Without a state the parameter only names what a person answers.
    """
    kind = pdu.esm_class & _TYPE
    text = _content(pdu)
    id_tlv = read_string(pdu.tlvs, _ID) if pdu.tlvs else ""
    is_marked = kind in (_IS_RECEIPT, _IS_NOTICE)
    if not is_marked and not id_tlv and not (kind == 0 and _LOOKS_LIKE.match(text)):
        return None
    found = parse_receipt_text(text)
    found.id_tlv = id_tlv
    found.is_notice = kind == _IS_NOTICE
    if pdu.tlvs:
        _believe_parameters(found, pdu)
    return found if is_marked or found.stat else None


def parse_receipt_text(text: bytes) -> ReceiptText:
    """Read the template; of a key that comes twice the first stands."""
    words = text.split(None, 1)
    if len(words) > 1 and words[0].startswith(b"id:") and (facts := _between(words[1])):
        return ReceiptText(words[0][3:].decode("latin-1"), "", *facts)
    return _search(text)


def _between(rest: bytes) -> tuple[str, str, str, str] | None:
    """Status, error and the two dates of what stands behind the id, if it is the usual and has no more than that."""
    end = rest.find(b" text:")
    if end < 0:
        end = rest.find(b" Text:")
    facts = rest if end < 0 else rest[:end]
    return _usual(facts) if len(facts) <= _USUAL_MOST else None


@lru_cache(maxsize=1024)  # thousands of receipts a second differ in their ids alone
def _usual(facts: bytes) -> tuple[str, str, str, str] | None:
    found = _USUAL.fullmatch(facts)
    if found is None:
        return None
    submitted, done, stat, err = (octets.decode("latin-1") for octets in found.groups())
    return stat.upper(), err, submitted, done


def _search(text: bytes) -> ReceiptText:
    own_words = _TEXT.search(text)
    facts: dict[bytes, str] = {}
    for key, _, value in _FACTS.findall(text[: own_words.start()] if own_words else text):
        facts.setdefault(key.lower().replace(b" ", b""), value.decode("latin-1"))
    return ReceiptText(
        id_text=facts.get(b"id", ""),
        stat=facts.get(b"stat", "").upper(),
        err=facts.get(b"err", ""),
        submit_date=facts.get(b"submitdate", ""),
        done_date=facts.get(b"donedate", ""),
    )


def _content(pdu: Sm | DataSm) -> bytes:
    payload = pdu.tlvs.get(_PAYLOAD) if pdu.tlvs else None
    if payload is not None:
        return payload
    return pdu.short_message if isinstance(pdu, Sm) else b""


def _believe_parameters(found: ReceiptText, pdu: Sm | DataSm) -> None:
    state = read_number(pdu.tlvs, _STATE)
    if state is not None:
        found.stat = STATES.get(state, found.stat)
    error = pdu.tlvs.get(_ERROR, b"")
    if len(error) == 3 and not found.err:
        found.err = f"{int.from_bytes(error[1:], 'big'):03d}"


def format_receipt(
    message_id: str, stat: str, submit_date: str, done_date: str, err: str = "000", text: str = "", dlvrd: int = 1
) -> bytes:
    """The template as a message centre writes it (SMPP 3.4, appendix B); `text` is cut to 20 characters."""
    words = (
        f"id:{message_id} sub:001 dlvrd:{dlvrd:03d} submit date:{submit_date} done date:{done_date} "
        f"stat:{stat} err:{err} text:{text[:20]}"
    )
    return words.encode("latin-1", "replace")
