"""SMPP 3.4 for a session."""

from dataclasses import replace
from struct import Struct

from hongyan.wire.smpp.codec import decode, encode, read_message_id
from hongyan.wire.smpp.pdu import (
    ANSWER,
    BINDS,
    FRAME_MOST,
    HEAD_OCTETS,
    Bind,
    BindResp,
    CancelSm,
    Command,
    DataSm,
    Plain,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    Sm,
    SmResp,
    Status,
    SubmitMulti,
    SubmitMultiResp,
    Tag,
)
from hongyan.wire.state import SEQUENCES, Fault, Kind, Pdu, Role
from hongyan.wire.tlv import read_number

_VERSION = 0x34
_FIRST_WITH_TLVS = 0x34

_KINDS = {
    **dict.fromkeys(BINDS, Kind.LOGIN),
    **dict.fromkeys((Command(command | ANSWER) for command in BINDS), Kind.LOGIN_ANSWER),
    Command.GENERIC_NACK: Kind.NACK,
    Command.SUBMIT_SM: Kind.REQUEST,
    Command.SUBMIT_SM_RESP: Kind.ANSWER,
    Command.DELIVER_SM: Kind.REQUEST,
    Command.DELIVER_SM_RESP: Kind.ANSWER,
    Command.DATA_SM: Kind.REQUEST,
    Command.DATA_SM_RESP: Kind.ANSWER,
    Command.SUBMIT_MULTI: Kind.REQUEST,
    Command.SUBMIT_MULTI_RESP: Kind.OTHER_ANSWER,
    Command.QUERY_SM: Kind.REQUEST,
    Command.QUERY_SM_RESP: Kind.OTHER_ANSWER,
    Command.CANCEL_SM: Kind.REQUEST,
    Command.CANCEL_SM_RESP: Kind.OTHER_ANSWER,
    Command.REPLACE_SM: Kind.REQUEST,
    Command.REPLACE_SM_RESP: Kind.OTHER_ANSWER,
    Command.OUTBIND: Kind.NOTICE,
    Command.ALERT_NOTIFICATION: Kind.NOTICE,
    Command.ENQUIRE_LINK: Kind.HEARTBEAT,
    Command.ENQUIRE_LINK_RESP: Kind.HEARTBEAT_ANSWER,
    Command.UNBIND: Kind.LOGOUT,
    Command.UNBIND_RESP: Kind.LOGOUT_ANSWER,
}
_SUBMITS = {Command.SUBMIT_SM, Command.SUBMIT_MULTI, Command.QUERY_SM, Command.CANCEL_SM, Command.REPLACE_SM}
_DELIVERS = {Command.DELIVER_SM, Command.ALERT_NOTIFICATION}
_STATUS_OF = {
    Fault.UNKNOWN_COMMAND: Status.RINVCMDID,
    Fault.UNREADABLE: Status.RINVCMDLEN,
    Fault.OUT_OF_STEP: Status.RINVCMDLEN,
    Fault.WRONG_STATE: Status.RINVBNDSTS,
    Fault.ALREADY_LOGGED_IN: Status.RALYBND,
}


_DELIVERED = Struct(">IIIIB")
_DELIVER, _DELIVER_RESP, _OK = Command.DELIVER_SM, int(Command.DELIVER_SM_RESP), int(Status.ROK)


def _sm_answer(request: Sm, status: int, message_id: str) -> bytes:
    """Returns the answer to a delivery. The good one is constant but for its sequence, and half of what a busy connection
    writes.
    """
    if request.command is not _DELIVER:
        return encode(SmResp(request.seq, Command.SUBMIT_SM_RESP, status, message_id))
    if status:
        return encode(SmResp(request.seq, Command.DELIVER_SM_RESP, status))
    return _DELIVERED.pack(_DELIVERED.size, _DELIVER_RESP, _OK, request.seq, 0)


class SmppState:
    """The protocol on one connection. Carrier ids are the texts of the answers as they came."""

    head_octets = HEAD_OCTETS
    frame_most = FRAME_MOST
    heartbeat_tries = 1
    kinds: dict[int, Kind] = {int(command): kind for command, kind in _KINDS.items()}  # noqa: RUF012 - never changed
    credential_faults = frozenset[int]({Status.RBINDFAIL, Status.RINVPASWD, Status.RINVSYSID})
    has_settled = False  # there is one version
    before_login = frozenset({Kind.LOGIN, Kind.LOGOUT, Kind.HEARTBEAT, Kind.HEARTBEAT_ANSWER})
    decode = staticmethod(decode)

    def __init__(self, bind: Bind | None = None, system_id: str = "") -> None:
        """bind: what a client logs in with; its sequence is filled in. system_id: of a centre, shown to its clients"""
        self._bind = bind
        self._system_id = system_id
        self._mode = bind.command if bind else Command.BIND_TRANSCEIVER
        self.takes_tlvs = True
        """Whether the peer knows optional parameters, which the login shows. If not, `encode` leaves them out."""

    def sequences(self, stamp: int) -> tuple[int, int]:  # noqa: ARG002 - no clock is in them
        return SEQUENCES

    def may_send(self, role: Role) -> bool:
        return self._mode is not Command.BIND_RECEIVER if role is Role.CLIENT else self.delivers

    def may_come(self, role: Role) -> frozenset[int]:
        allowed: set[int] = {Command.DATA_SM}
        if role is Role.CENTRE and self._mode is not Command.BIND_RECEIVER:
            allowed |= _SUBMITS
        if role is Role.CLIENT and self._mode is not Command.BIND_TRANSMITTER:
            allowed |= _DELIVERS
        return frozenset(allowed)

    @property
    def delivers(self) -> bool:
        """Centre: returns whether deliver_sm may be sent to this client, which is not a transmitter."""
        return self._mode is not Command.BIND_TRANSMITTER

    def encode(self, pdu: Pdu) -> bytes:
        if not self.takes_tlvs and isinstance(pdu, Sm | DataSm | SubmitMulti):
            pdu = replace(pdu, tlvs={})
        return encode(pdu)  # type: ignore[arg-type] # a session is given PDUs of its own protocol

    # --- login -----------------------------------------------------------------------------------------------------------

    def login(self, seq: int, stamp: int) -> bytes:  # noqa: ARG002 - the password goes in clear
        assert self._bind is not None
        return encode(replace(self._bind, seq=seq))

    def read_login_answer(self, command: int, status: int, seq: int, body: bytes) -> tuple[int, str]:
        answer = decode(command, status, seq, body)
        assert isinstance(answer, BindResp)
        self.takes_tlvs = (read_number(answer.tlvs, Tag.SC_INTERFACE_VERSION) or 0) >= _FIRST_WITH_TLVS
        return status, ""

    def negotiate(self, login: Pdu) -> None:
        assert isinstance(login, Bind)
        self._mode = login.command
        self.takes_tlvs = login.interface_version >= _FIRST_WITH_TLVS

    def admit(self, login: Pdu, status: int, secret: str) -> bytes:  # noqa: ARG002
        assert isinstance(login, Bind)
        tlvs: dict[int, bytes] = {Tag.SC_INTERFACE_VERSION: bytes((_VERSION,))} if self.takes_tlvs else {}
        return encode(BindResp(login.seq, Command(login.command | ANSWER), status, self._system_id, tlvs))

    # --- requests and answers --------------------------------------------------------------------------------------------

    def read_answer(self, status: int, body: bytes) -> tuple[int, str]:
        return status, read_message_id(body) if body else ""

    def answer(self, request: Pdu, status: int, message_id: str) -> bytes:
        match request:
            case Sm():
                return _sm_answer(request, status, message_id)
            case DataSm():
                return encode(SmResp(request.seq, Command.DATA_SM_RESP, status, message_id))
            case SubmitMulti():
                return encode(SubmitMultiResp(request.seq, status, message_id))
            case QuerySm():
                return encode(QuerySmResp(request.seq, status, request.message_id))
            case CancelSm():
                return encode(Plain(request.seq, Command.CANCEL_SM_RESP, status))
            case ReplaceSm():
                return encode(Plain(request.seq, Command.REPLACE_SM_RESP, status))
            case Plain() if self.kinds[request.command] is Kind.NOTICE:
                return b""
            case Plain():
                return encode(Plain(request.seq, Command(request.command | ANSWER), status))
            case _:
                raise AssertionError(request)

    def refuse(self, command: int, seq: int, fault: Fault, body: bytes = b"") -> bytes:  # noqa: ARG002
        """Returns the request's own answer with a status, or generic_nack if it has none. An alert_notification gets nothing."""
        if command == Command.ALERT_NOTIFICATION:
            return b""
        is_known = command in self.kinds and not command & ANSWER and command != Command.OUTBIND
        answer = Command(command | ANSWER) if is_known and command else Command.GENERIC_NACK
        return encode(Plain(seq, answer, _STATUS_OF[fault]))

    def heartbeat(self, seq: int) -> bytes:
        return encode(Plain(seq, Command.ENQUIRE_LINK))

    def heartbeat_answer(self, seq: int) -> bytes:
        return encode(Plain(seq, Command.ENQUIRE_LINK_RESP))

    def logout(self, seq: int) -> bytes:
        return encode(Plain(seq, Command.UNBIND))

    def logout_answer(self, seq: int) -> bytes:
        return encode(Plain(seq, Command.UNBIND_RESP))
