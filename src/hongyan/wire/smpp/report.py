"""The receipt that a deliver_sm carries as text, its optional parameters, or both.

The text is a common template, not a standard: keys in any order and any case, dates of 10 or 12 digits, any of them
missing, one octet a character or UTF-16, whatever data_coding says. What stands behind `text:` is the message's own
text and is not searched for keys.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from hongyan.wire.receipt_labels import LABEL, NAMES
from hongyan.wire.smpp.pdu import NOTICE, RECEIPT, UDHI, DataSm, Sm, Tag, content_of
from hongyan.wire.tlv import number_of, read_string

# Plain numbers: looking a member up in its enum takes longer than looking it up among the parameters.
_ID, _STATE, _ERROR = int(Tag.RECEIPTED_MESSAGE_ID), int(Tag.MESSAGE_STATE), int(Tag.NETWORK_ERROR_CODE)

_TYPE = 0x3C  # of esm_class
_MARKS = RECEIPT, NOTICE

_KEY = rb"(?:id|" + LABEL + rb")\s*:"
_NEXT = rb"[;,|\0]{1,2}" + _KEY
_FACTS = re.compile(
    rb"\b(" + _KEY + rb")(?:\s*(?!" + _KEY + rb")(\S+?)(?=\s|\Z|" + _NEXT + rb"))?", re.IGNORECASE
)  # a key may have no value
_SEPARATED = re.compile(_NEXT, re.IGNORECASE)
_SEPARATORS = ";,|\0"
_TEXT = re.compile(rb"\btext\s*:", re.IGNORECASE)
_LOOKS_LIKE = re.compile(rb"\A\s*id\s*:\s*\S+\s.*\bstat\s*:", re.IGNORECASE | re.DOTALL)
_USUAL = re.compile(rb"sub:\S* dlvrd:\S* submit date:(\S*) done date:(\S*) stat:(\S*) err:(\S*)")
"""What nearly every centre writes between the id and the message's own text."""

_USUAL_MOST = 128
"""The most octets that are cached, parameters included."""

STATES = {
    0: "SCHEDLD", 1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 6: "ACCEPTD", 7: "UNKNOWN", 8: "REJECTD",
    9: "SKIPPED",
}  # fmt: skip
"""message_state → its word in the text (SMPP 3.4, 5.2.28 and appendix B; 0 and 9 are of SMPP 5.0, 4.7.15)."""

STATE_OF = {word: state for state, word in STATES.items()}

_BARE = re.compile(rb"\b(?:" + "|".join(STATES.values()).encode() + rb")\b", re.IGNORECASE)
"""A state without its key."""

_WIDE = re.compile(rb"(\xfe\xff|\0[^\0]\0[^\0])|\xff\xfe|[^\0]\0[^\0]\0")
"""How UTF-16 begins, in a text that could be written in one octet a character; the group if the high octet comes first."""

Facts = tuple[str, str, str, str]
"""stat, err, submit_date and done_date of `ReceiptText`."""


@dataclass(slots=True)
class ReceiptText:
    """The content of a receipt. A parameter goes before the text; `id_text` and `id_tlv` may differ in base."""

    id_text: str = ""
    id_tlv: str = ""
    stat: str = ""  # upper case; "" if neither text nor parameter has it
    err: str = ""
    submit_date: str = ""  # 10 or 12 digits in the carrier's zone
    done_date: str = ""
    is_notice: bool = False  # intermediate: never the end of a message


def read_receipt(pdu: Sm | DataSm) -> ReceiptText | None:
    """Returns the receipt in a deliver_sm or data_sm, or None if a person wrote the text.

    Some centres leave esm_class 0. Then it is a receipt if it has a state, and the parameter receipted_message_id or a text
    that begins with `id:`. Without a state the parameter only names the message that a person answers. If a key comes twice in
    the text, the first one counts.
    """
    tlvs, kind, text = pdu.tlvs, pdu.esm_class & _TYPE, _text_of(pdu)
    id_tlv = read_string(tlvs, _ID) if tlvs else ""
    is_marked = kind in _MARKS
    if not is_marked and not id_tlv and not (kind == 0 and _LOOKS_LIKE.match(text)):
        return None
    id_text, facts = _read(text, tlvs.get(_STATE, b""), tlvs.get(_ERROR, b""))
    found = ReceiptText(id_text, id_tlv, *facts, kind == NOTICE)
    return found if is_marked or found.stat else None


def _read(text: bytes, state: bytes, error: bytes) -> tuple[str, Facts]:
    """Returns the id in the text, and the facts from text and parameters."""
    words = text.split(None, 1)
    if len(words) > 1 and words[0].startswith(b"id:") and words[0].count(b":") == 1:
        usual = _before_own_words(words[1])
        if len(usual) + len(state) + len(error) <= _USUAL_MOST and (facts := _usual(usual, state, error)):
            return _plain(words[0][3:]), facts
    id_text, facts = _search(text)
    return id_text, _believed(facts, state, error)


def _before_own_words(text: bytes) -> bytes:
    end = text.find(b" text:")
    if end < 0:
        end = text.find(b" Text:")
    return text if end < 0 else text[:end]


@lru_cache(maxsize=1024)  # thousands of receipts a second differ only in their ids
def _usual(text: bytes, state: bytes, error: bytes) -> Facts | None:
    found = _USUAL.fullmatch(text)
    if found is None or _SEPARATED.search(text):
        return None
    submitted, done, stat, err = map(_plain, found.groups())
    if not stat:  # it may stand elsewhere
        return None
    return _believed((stat.upper(), err, submitted, done), state, error)


def _search(text: bytes) -> tuple[str, Facts]:
    own_words = _TEXT.search(text)
    keyed = text[: own_words.start()] if own_words else text
    found: dict[bytes, str] = {}
    for key, value in _FACTS.findall(keyed):
        name = key.lower().translate(None, b" _\t\r\n\f\v:")
        found.setdefault(NAMES.get(name, name), _plain(value))
    value_of = found.get
    stat = value_of(b"stat", "") or _bare_state(keyed)
    return value_of(b"id", ""), (stat.upper(), value_of(b"err", ""), value_of(b"submitdate", ""), value_of(b"donedate", ""))


def _plain(value: bytes) -> str:
    return value.decode("latin-1").strip(_SEPARATORS)


def _bare_state(text: bytes) -> str:
    found = _BARE.search(text)
    return found[0].decode() if found else ""


def _believed(facts: Facts, state: bytes, error: bytes) -> Facts:
    """Returns the facts of the text, corrected by the parameters."""
    stat, err, submitted, done = facts
    number = number_of(state)
    if number is not None:
        stat = STATES.get(number, stat or str(number))
    if len(error) == 3 and not err:
        err = f"{int.from_bytes(error[1:], 'big'):03d}"
    return stat, err, submitted, done


def _text_of(pdu: Sm | DataSm) -> bytes:
    """Returns the text in one octet a character."""
    octets = content_of(pdu)
    wide = None if pdu.esm_class & UDHI else _WIDE.match(octets)
    if wide is None:
        return octets
    return octets.decode("utf-16-be" if wide[1] else "utf-16-le", "replace").lstrip("\ufeff").encode("latin-1", "replace")


def format_receipt(
    message_id: str, stat: str, submit_date: str, done_date: str, err: str = "000", text: str = "", dlvrd: int = 1
) -> bytes:
    """Returns the template as a message centre writes it (SMPP 3.4, appendix B); `text` is cut to 20 characters."""
    words = (
        f"id:{message_id} sub:001 dlvrd:{dlvrd:03d} submit date:{submit_date} done date:{done_date} "
        f"stat:{stat} err:{err} text:{text[:20]}"
    )
    return words.encode("latin-1", "replace")
