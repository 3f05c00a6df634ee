"""The status report that a CMPP DELIVER carries as its content."""

from dataclasses import dataclass
from struct import Struct

from hongyan.wire.cmpp.codec import LAYOUTS
from hongyan.wire.cmpp.pdu import Version
from hongyan.wire.fields import fit, read_shared, read_text
from hongyan.wire.frame import BadPdu

_FRONT = Struct(">Q7s10s10s")  # Msg_Id, Stat, Submit_time, Done_time
_SMSC = Struct(">I")
_WHOLE = {version: Struct(f">Q7s10s10s{layout.number}sI") for version, layout in LAYOUTS.items()}
_WIDE_OCTETS = _WHOLE[Version.V30].size


@dataclass(slots=True)
class Report:
    msg_id: int  # that of the SUBMIT_RESP
    stat: str  # DELIVRD, or seven characters with the reason
    submit_time: str  # YYMMDDhhmm, Beijing; some gateways leave it empty
    done_time: str
    dest_terminal_id: str
    smsc_sequence: int = 0


def decode_report(content: bytes) -> Report:
    """Read a report by its length: one of 71 octets or more has a number of 32 octets, a shorter one has one of 21.

    A gateway may send the 60-octet form on a 3.0 link and the other on a 2.0 link. A report that ends early behind the state is
    still read.
    raises: BadPdu below the 35 octets of id, state and times
    source: CMPP 2.0 and 3.0, structure of Msg_Content when Registered_Delivery is 1
    """
    if len(content) < _FRONT.size:
        raise BadPdu("report", 0, f"{len(content)} octets")
    msg_id, stat, submitted, done = _FRONT.unpack_from(content)
    width = 32 if len(content) >= _WIDE_OCTETS else 21
    end = _FRONT.size + width
    number = read_text(content[_FRONT.size : end])
    smsc = _SMSC.unpack_from(content, end)[0] if len(content) >= end + _SMSC.size else 0
    return Report(msg_id, read_shared(stat), read_shared(submitted), read_shared(done), number, smsc)


def encode_report(report: Report, version: Version) -> bytes:
    """Returns 60 octets in 2.0, 71 in 3.0. raises: BadPdu for a field that is too long"""
    number = LAYOUTS[version].number
    try:
        stat, times = fit(report.stat, 7), (fit(report.submit_time, 10), fit(report.done_time, 10))
        return _WHOLE[version].pack(report.msg_id, stat, *times, fit(report.dest_terminal_id, number), report.smsc_sequence)
    except ValueError as unfit:
        raise BadPdu("report", 0, str(unfit)) from None
