"""The receipt that a deliver_sm carries as text, its optional parameters, or both.

The text is the common template, not a standard: keys in any order and any case, dates of 10 or 12 digits, any of them
missing. What stands behind `text:` is the message's own words and is not searched for keys.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from hongyan.wire.smpp import DataSm, Sm
from hongyan.wire.smpp_tlv import Tag
from hongyan.wire.tlv import read_string

# Plain numbers: looking a member up in its enum takes longer than looking it up among the parameters.
_ID, _STATE, _ERROR = int(Tag.RECEIPTED_MESSAGE_ID), int(Tag.MESSAGE_STATE), int(Tag.NETWORK_ERROR_CODE)
_PAYLOAD = int(Tag.MESSAGE_PAYLOAD)

_TYPE = 0x3C  # of esm_class
_IS_RECEIPT, _IS_NOTICE = _MARKS = 0x04, 0x20

_KEY = rb"(id|sub|dlvrd|submit ?date|done ?date|stat|err|text)\s*:"
_FACTS = re.compile(rb"\b" + _KEY + rb"(?:\s*(?!" + _KEY + rb")(\S+))?", re.IGNORECASE)  # a key may have no value
_TEXT = re.compile(rb"\btext\s*:", re.IGNORECASE)
_LOOKS_LIKE = re.compile(rb"\A\s*id\s*:\s*\S+\s.*\bstat\s*:", re.IGNORECASE | re.DOTALL)
_USUAL = re.compile(rb"sub:\S* dlvrd:\S* submit date:(\S*) done date:(\S*) stat:(\S*) err:(\S*)")
"""What nearly every centre writes between the id and the message's own words."""

_USUAL_MOST = 128
"""Octets that are remembered, parameters included."""

Facts = tuple[str, str, str, str]
"""stat, err, submit_date and done_date of `ReceiptText`."""

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
    Of a key that comes twice in the text the first stands.
    """
    tlvs, kind, text = pdu.tlvs, pdu.esm_class & _TYPE, _content(pdu)
    id_tlv = read_string(tlvs, _ID) if tlvs else ""
    is_marked = kind in _MARKS
    if not is_marked and not id_tlv and not (kind == 0 and _LOOKS_LIKE.match(text)):
        return None
    id_text, facts = _read(text, tlvs.get(_STATE, b""), tlvs.get(_ERROR, b""))
    found = ReceiptText(id_text, id_tlv, *facts, kind == _IS_NOTICE)
    return found if is_marked or found.stat else None


def _read(text: bytes, state: bytes, error: bytes) -> tuple[str, Facts]:
    """The id that the text gives, and what text and parameters say of the message."""
    words = text.split(None, 1)
    if len(words) > 1 and words[0].startswith(b"id:"):
        usual = _before_own_words(words[1])
        if len(usual) + len(state) + len(error) <= _USUAL_MOST and (facts := _usual(usual, state, error)):
            return words[0][3:].decode("latin-1"), facts
    id_text, facts = _search(text)
    return id_text, _believed(facts, state, error)


def _before_own_words(text: bytes) -> bytes:
    end = text.find(b" text:")
    if end < 0:
        end = text.find(b" Text:")
    return text if end < 0 else text[:end]


@lru_cache(maxsize=1024)  # thousands of receipts a second differ in their ids alone
def _usual(text: bytes, state: bytes, error: bytes) -> Facts | None:
    found = _USUAL.fullmatch(text)
    if found is None:
        return None
    submitted, done, stat, err = (octets.decode("latin-1") for octets in found.groups())
    return _believed((stat.upper(), err, submitted, done), state, error)


def _search(text: bytes) -> tuple[str, Facts]:
    own_words = _TEXT.search(text)
    found: dict[bytes, str] = {}
    for key, _, value in _FACTS.findall(text[: own_words.start()] if own_words else text):
        found.setdefault(key.lower().replace(b" ", b""), value.decode("latin-1"))
    told = found.get
    return told(b"id", ""), (told(b"stat", "").upper(), told(b"err", ""), told(b"submitdate", ""), told(b"donedate", ""))


def _believed(facts: Facts, state: bytes, error: bytes) -> Facts:
    """The facts of the text, and what the parameters know better."""
    stat, err, submitted, done = facts
    if state:
        stat = STATES.get(int.from_bytes(state, "big"), stat)
    if len(error) == 3 and not err:
        err = f"{int.from_bytes(error[1:], 'big'):03d}"
    return stat, err, submitted, done


def _content(pdu: Sm | DataSm) -> bytes:
    payload = pdu.tlvs.get(_PAYLOAD) if pdu.tlvs else None
    if payload is not None:
        return payload
    return pdu.short_message if isinstance(pdu, Sm) else b""


def format_receipt(
    message_id: str, stat: str, submit_date: str, done_date: str, err: str = "000", text: str = "", dlvrd: int = 1
) -> bytes:
    """The template as a message centre writes it (SMPP 3.4, appendix B); `text` is cut to 20 characters."""
    words = (
        f"id:{message_id} sub:001 dlvrd:{dlvrd:03d} submit date:{submit_date} done date:{done_date} "
        f"stat:{stat} err:{err} text:{text[:20]}"
    )
    return words.encode("latin-1", "replace")
