"""Whose fault it is that a carrier did not take a submit: every answer code of every protocol, with where it is defined.

| fault | the answer says | what the link does |
| --- | --- | --- |
| message | this message is wrong, here at least | refused: the next channel gets it, or it fails |
| congestion | full, busy, too fast | sends the same segment later; slows down when others are refused so too |
| session | the centre does not know our login any more | sends it again; this connection is left and made again |
| channel | our account there may not send at all | keeps it; the channel sends nothing for a while, and its messages may go another way |

A code that stands in no table, such as a vendor's own, is the message's fault: another channel may take it at once. A rule of
the operator for a code (`hongyan code set`) goes before the tables.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from hongyan.model.channel import Channel
from hongyan.model.meaning import CodeClass


class AnswerFault(StrEnum):
    MESSAGE = "message"
    CONGESTION = "congestion"
    SESSION = "session"
    CHANNEL = "channel"


AnswerFaults = Mapping[int, AnswerFault]

_BY_CLASS = {
    CodeClass.THROTTLED: AnswerFault.CONGESTION,
    CodeClass.SESSION: AnswerFault.SESSION,
    CodeClass.ACCOUNT: AnswerFault.CHANNEL,
}
"""The fault for each class of an operator's rule; every other class is the message's."""


def operators_fault(channel: Channel, code: str) -> AnswerFault | None:
    """Returns the fault by the operator's rule for a code, as the protocol's people write it; None without a rule."""
    meaning = channel.codes.get(code) if channel.codes else None
    return _BY_CLASS.get(meaning.kind, AnswerFault.MESSAGE) if meaning else None


def fault_of(channel: Channel, faults: AnswerFaults, status: int, code: str) -> AnswerFault:
    """Returns whose fault it is. status: any but acceptance; code: the same as the protocol's people write it"""
    return operators_fault(channel, code) or faults.get(status, AnswerFault.MESSAGE)


def _table(
    *, message: Iterable[int], congestion: Iterable[int] = (), session: Iterable[int] = (), channel: Iterable[int] = ()
) -> AnswerFaults:
    statuses = {
        AnswerFault.MESSAGE: message,
        AnswerFault.CONGESTION: congestion,
        AnswerFault.SESSION: session,
        AnswerFault.CHANNEL: channel,
    }
    return {status: fault for fault, several in statuses.items() for status in several}


CMPP = _table(
    message=(
        1,  # structure
        2,  # command
        4,  # length
        6,  # the text is too long
        9,  # a number that this gateway does not serve
        10,  # Src_Id: access number with extension digits
        12,  # Fee_terminal_Id
        13,  # Dest_terminal_Id
    ),
    congestion=(
        3,  # a sequence that was used already; the next one differs
        8,  # flow control
    ),
    channel=(
        5,  # fee code: an option of the channel
        7,  # service code
        11,  # Msg_src
    ),
)
"""Result of CMPP_SUBMIT_RESP: CMPP 2.0, 7.4.3.2, has 0 to 8; CMPP 3.0, the same message, has 9 to 13; from 100 on vendors' own."""

SGIP = _table(
    message=(
        5, 6, 7, 8, 9, 10,  # format, number, command, length, sequence (a repeat has the same one), GNS operation
        17, 18, 19,  # 1.3: LinkID, subscription, number of recipients
        21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,  # meant for reports: the recipient, or no route to it
        38, 39, 40, 43, 44, 95,  # 1.3: the business behind one message
    ),
    congestion=(
        11,  # node busy
        32, 33,  # system failure, queue full; in 1.3 a bad packet, too fast
        88,  # too fast, of some gateways
    ),
    session=(
        1, 2, 3, 4,  # login: wrong, repeated, too many, of the wrong type
        34,  # 1.3: logins too often; the pause before the next one gets longer
    ),
    channel=(
        13, 14,  # 1.3: service code, fee type
    ),
)  # fmt: skip
"""Result of Submit_Resp: the table of results and errors of SGIP 1.2, and what 1.3 adds; one space of codes for both."""

SMGP = _table(
    message=(
        10, 11, 34, 35, 36, 37, 38,  # structure, command, MsgFormat, time, MsgLength, validity over, QueryType
        39, 41, 42, 44, 45, 46, 47, 48,  # route, UpdateType, RouteID, ValidTime, AtTime, SrcTermID, DestTermID, ChargeTermID
        56, 57, 58, 60, 61, 62, 63, 64, 65, 66, 67, 68, 71, 72,  # between gateways
    ),
    congestion=(
        1,  # system busy
        12,  # a sequence that was used already; the next one differs
    ),
    session=(
        2,  # too many connections
        20, 21, 22,  # address, authentication, version
    ),
    channel=(
        30, 31, 32, 33, 40,  # MsgType, Priority, FeeType, FeeCode, FixedFee: options of the channel
        43, 49, 59, 69, 70, 73,  # ServiceID, SPCode, SP type, SPID, access type, MServiceID
        74, 75, 76,  # not at this hour, over the day's volume, account expired
    ),
)  # fmt: skip
"""Status of Submit_Resp: the table of statuses of SMGP 3.0; from 128 on vendors' own."""

SMPP = _table(
    message=(
        0x01, 0x02, 0x03, 0x06, 0x07, 0x0A, 0x0B, 0x0C, 0x11, 0x13, 0x33, 0x34, 0x40, 0x42, 0x43, 0x44,
        0x45,  # RSUBMITFAIL, which centres use for whatever is final
        0x48, 0x49, 0x50, 0x51, 0x54, 0x55, 0x61, 0x62, 0x63, 0x65, 0x66, 0x67, 0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xFE, 0xFF,
        0x104, 0x105, 0x106,  # SMPP 5.0: data_coding and subunits
    ),
    congestion=(
        0x08,  # RSYSERR
        0x14,  # RMSGQFUL
        0x58,  # RTHROTTLED
        0x64,  # RX_T_APPN
        0x102,  # SMPP 5.0: RSERTYPUNAVAIL
    ),
    session=(
        0x04, 0x05,  # RINVBNDSTS, RALYBND
        0x0D, 0x0E, 0x0F, 0x53,  # RBINDFAIL, RINVPASWD, RINVSYSID, RINVSYSTYP: if so, the next login is refused with the same
    ),
    channel=(
        0x15,  # RINVSERTYP
        0x100, 0x101, 0x103,  # SMPP 5.0: RSERTYPUNAUTH, RPROHIBITED, RSERTYPDENIED
    ),
)  # fmt: skip
"""command_status of submit_sm_resp, data_sm_resp and generic_nack: SMPP 3.4, 5.1.3; 0x400 to 0x4FF are vendors' own."""

MM7 = _table(
    message=(
        2000, 2002, 2003, 2004, 2005, 2006, 2007, 2008,  # the request: address, content, ids, format
        3002, 3003, 3004, 3005,  # rejected, several addresses, application, command
        4003, 4004,  # operation, validation
    ),
    congestion=(
        3000, 3001,  # server error, not possible
        4000, 4005, 4006,  # service error, unavailable
    ),
    channel=(
        2001,  # operation restricted: no permission
        4001, 4002, 4007,  # identification, version, service denied
    ),
)  # fmt: skip
"""StatusCode of SubmitRsp and RSErrorRsp: 3GPP TS 23.140, the table of response codes; what else begins with 2 to 4 is vendors' own."""
