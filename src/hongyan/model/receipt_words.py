"""The words with which carriers say what became of a message: one reader for all protocols."""

import re
from functools import lru_cache

from hongyan.model.message import ReceiptState

DELIVERED, UNDELIVERED, UNKNOWN = "DELIVRD", "UNDELIV", "UNKNOWN"

_STATES = {
    DELIVERED: ReceiptState.DELIVERED,
    "ACCEPTD": ReceiptState.PENDING,
    "BUFFRED": ReceiptState.PENDING,
    "DEFERRED": ReceiptState.PENDING,
    "ENROUTE": ReceiptState.PENDING,
    "SCHEDLD": ReceiptState.PENDING,
    "SKIPPED": ReceiptState.PENDING,
    UNKNOWN: ReceiptState.UNKNOWN,
    "DELETED": ReceiptState.FAILED,
    "EXPIRED": ReceiptState.FAILED,
    "REJECTD": ReceiptState.FAILED,
    UNDELIVERED: ReceiptState.FAILED,
}
"""The usual words: those of SMPP 3.4, appendix B, which CMPP and SMGP share, and others that carriers write."""

_SPELT = {
    DELIVERED: ("2", "DELIVERED", "DELIVERD", "DELIVER", "RETRIEVED", "FORWARDED", "READ", "DELETEDWITHOUTBEINGREAD"),
    "ACCEPTD": ("6", "ACCEPTED", "ACCEPTE"),
    "BUFFRED": ("BUFFERED", "BUFFERD", "BUFFERE", "QUEUED"),
    "ENROUTE": ("1", "INTRANSIT"),
    "SCHEDLD": ("0", "SCHEDULED", "SCHEDUL"),
    "SKIPPED": ("9",),
    UNKNOWN: ("7", "", "INDETERMINATE"),
    "DELETED": ("4",),
    "EXPIRED": ("3", "EXPIRD"),
    "REJECTD": ("8", "REJECTED", "REJECTE", "SYSTEMREJECTED", "RECIPIENTREJECTED"),
    UNDELIVERED: ("5", "UNDELIVERABLE", "UNDELIVERED", "UNREACHABLE", "UNRECOGNISED", "UNRECOGNIZED"),
}
"""Words written in full, or cut to the seven octets of CMPP; SMPP's numbers (5.2.28, and 4.7.15 of SMPP 5.0); MM7's statuses.
"""

_USUAL = {other: usual for usual, others in _SPELT.items() for other in others} | {usual: usual for usual in _STATES}
_LABEL = re.compile(r"(?<!\s)\s*stat(us|e)?\s*[:=]\s*", re.IGNORECASE)
_PADDING = " \t\r\n\"'.:[]()<>"
_END = re.compile(r"[\0;,|]")


@lru_cache(maxsize=1024)
def read_state(text: str) -> tuple[ReceiptState | None, str]:
    """Read a state word in either case, in full or short, with what stands around it: `stat:Delivered`, `DELIVRD;`, `2`.

    returns: the state, None for an unknown word; and the word without what stood around it: a known word as most carriers write
             it, any other as it was written
    """
    word = _END.split(_LABEL.sub("", text, count=1).strip(_PADDING + "\0;,|"), maxsplit=1)[0].strip(_PADDING)
    usual = _USUAL.get(re.sub(r"[\s_-]", "", word).upper())
    return (None, word) if usual is None else (_STATES[usual], usual)


def is_word_of(word: str, state: ReceiptState) -> bool:
    """Returns whether a text is one of the usual words for this state."""
    return _STATES.get(word) is state
