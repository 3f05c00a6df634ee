"""The status report that an SMGP Deliver carries as its content: 122 octets, of which ten are the raw id.

    id:<10 octets> sub:001 dlvrd:001 Submit date:YYMMDDhhmm done date:YYMMDDhhmm stat:DELIVRD err:000 Text:<20 octets>

The id may hold any octet, a blank or a NUL or the letters of a label among them, so it is taken by its place and only what
stands behind it is searched. Labels come in either case, with _ for the blank, and with a blank, a separator, an `s` or nothing between
what they name; the words at the end may be missing.
"""

import re
from dataclasses import dataclass

from hongyan.wire.frame import BadPdu
from hongyan.wire.receipt_labels import LABEL, NAMES
from hongyan.wire.smgp.pdu import ID_OCTETS

_ID = re.compile(rb"id:(.{10})[ s]sub:|id:([0-9a-f]{20})[ s]sub:|id:(.{10})", re.IGNORECASE | re.DOTALL)
"""As the specification has it; as digits; and whatever stands there if the next label is out of place."""

_LABEL = re.compile(
    rb"(?:(?<![ \0\t\r\n;,|])[ \0\t\r\n;,|]++|(?-i:s))?(" + LABEL + rb"):",  # separators are read once, from the first of them
    re.IGNORECASE,
)
_PADDING = b" \0\t"


_USUAL = re.compile(
    rb"id:(.{10}) sub:.{3} dlvrd:.{3} [Ss]ubmit date:(\d{10}) done date:(\d{10}) stat:([^ \0]{7}) err:([^ \0]{3}) [Tt]ext:",
    re.DOTALL,
)
"""What nearly every gateway writes, read in one go: three times faster than searching for the labels."""


@dataclass(slots=True)
class Report:
    msg_id: bytes  # that of the Submit_Resp
    stat: str  # DELIVRD, or seven characters with the reason
    submit_date: str = ""  # YYMMDDhhmm, Beijing; some gateways leave it empty
    done_date: str = ""
    err: str = "000"
    text: bytes = b""


def decode_report(content: bytes) -> Report:
    """Read a report. What is missing behind `stat` is read as empty.

    raises: BadPdu if it does not begin with an id, or has no `stat:`
    source: SMGP 3.0.3, MsgContent when IsReport is 1
    """
    usual = _USUAL.match(content)
    if usual:
        msg_id, submitted, done, stat, err = usual.groups()
        return Report(
            msg_id,
            stat.decode("latin-1").upper(),
            submitted.decode(),
            done.decode(),
            err.decode("latin-1"),
            content[usual.end() :],
        )
    return _search(content)


def _search(content: bytes) -> Report:
    begin = _ID.match(content)
    if begin is None:
        raise BadPdu("report", 0, f"no id in {len(content)} octets")
    raw, digits, loose = begin.groups()
    facts, text = _facts(content[begin.end() - (0 if loose else len("?sub:")) :])
    if b"stat" not in facts:
        raise BadPdu("report", 0, "no stat")
    return Report(
        raw or loose or bytes.fromhex(digits.decode()),
        facts[b"stat"].upper(),
        facts.get(b"submitdate", ""),
        facts.get(b"donedate", ""),
        facts.get(b"err", ""),
        text,
    )


def _facts(content: bytes) -> tuple[dict[bytes, str], bytes]:
    """Returns the values by label, the first if a label comes twice; and the message's own text, which is not searched."""
    facts: dict[bytes, str] = {}
    name, start = b"", 0
    for label in _LABEL.finditer(content):
        facts.setdefault(name, content[start : label.start()].strip(_PADDING).decode("latin-1"))
        name, start = label[1].lower().translate(None, b" _"), label.end()
        name = NAMES.get(name, name)
        if name == b"text":
            return facts, content[start:]
    facts.setdefault(name, content[start:].strip(_PADDING).decode("latin-1"))
    return facts, b""


def encode_report(report: Report) -> bytes:
    """Returns 122 octets. raises: BadPdu for a field that is too long"""
    texts = [report.submit_date, report.done_date, report.stat, report.err]
    values = [report.msg_id, *(text.encode("latin-1", "replace") for text in texts), report.text]
    widths = (ID_OCTETS, 10, 10, 7, 3, 20)
    if any(len(value) > width for value, width in zip(values, widths, strict=True)):
        raise BadPdu("report", 0, f"fields of {[len(value) for value in values]} octets")
    fill = (b"\0", b" ", b" ", b" ", b" ", b"\0")
    msg_id, submitted, done, stat, err, text = (
        value.ljust(width, pad) for value, width, pad in zip(values, widths, fill, strict=True)
    )
    delivered = b"001" if report.stat == "DELIVRD" else b"000"
    return b"id:%b sub:001 dlvrd:%b Submit date:%b done date:%b stat:%b err:%b Text:%b" % (
        msg_id,
        delivered,
        submitted,
        done,
        stat,
        err,
        text,
    )
