"""SGIP for a session, on either of its connections.

The SP logs in at the gateway and submits; the gateway logs in at the SP, with type 2, and delivers. The side that listens
issues name and password. There is no heartbeat.
"""

from hongyan.wire.sgip.codec import decode, encode, read_result
from hongyan.wire.sgip.pdu import (
    ANSWER,
    FRAME_MOST,
    HEAD_OCTETS,
    Bind,
    Command,
    Deliver,
    LoginType,
    Plain,
    Report,
    Resp,
    Result,
    Sequence,
    Submit,
    TraceResp,
    UserRpt,
)
from hongyan.wire.state import Fault, Kind, Pdu, Role

_KINDS = {
    Command.BIND: Kind.LOGIN,
    Command.BIND_RESP: Kind.LOGIN_ANSWER,
    Command.UNBIND: Kind.LOGOUT,
    Command.UNBIND_RESP: Kind.LOGOUT_ANSWER,
    Command.SUBMIT: Kind.REQUEST,
    Command.SUBMIT_RESP: Kind.ANSWER,
    Command.DELIVER: Kind.REQUEST,
    Command.DELIVER_RESP: Kind.ANSWER,
    Command.REPORT: Kind.REQUEST,
    Command.REPORT_RESP: Kind.ANSWER,
    Command.USER_RPT: Kind.REQUEST,
    Command.USER_RPT_RESP: Kind.ANSWER,
    Command.TRACE: Kind.REQUEST,
    Command.TRACE_RESP: Kind.OTHER_ANSWER,
}
_TO_SP = frozenset[int]({Command.DELIVER, Command.REPORT, Command.USER_RPT})
_TO_SMG = frozenset[int]({Command.SUBMIT, Command.TRACE})
_RESULT_OF = {
    Fault.UNKNOWN_COMMAND: Result.BAD_COMMAND,
    Fault.UNREADABLE: Result.BAD_FORMAT,
    Fault.WRONG_STATE: Result.BAD_COMMAND,
    Fault.ALREADY_LOGGED_IN: Result.REPEATED_LOGIN,
}
_ANSWER_OF: dict[type, int] = {
    Submit: Command.SUBMIT_RESP,
    Deliver: Command.DELIVER_RESP,
    Report: Command.REPORT_RESP,
    UserRpt: Command.USER_RPT_RESP,
}
_OWN_FIRST, _OWN_LAST = 0xFA00_0000, 0xFFFF_FFFF


class SgipState:
    """The protocol on one connection. Answers have no id: the sequence of the submit is the message's name.

    Counters of the session's own requests begin above those that a sequence made of a ticket can have (see
    `adapters/sgip/client`), so that no sequence is used twice.
    """

    head_octets = HEAD_OCTETS
    frame_most = FRAME_MOST
    heartbeat_tries = 0
    kinds: dict[int, Kind] = {int(command): kind for command, kind in _KINDS.items()}  # noqa: RUF012 - never changed
    credential_faults = frozenset[int]({Result.BAD_LOGIN, Result.BAD_LOGIN_TYPE})
    has_settled = False  # there is one version
    before_login = frozenset({Kind.LOGIN})

    def __init__(self, node: int, login_type: LoginType = LoginType.SP, user: str = "", secret: str = "") -> None:
        """node: of this side. login_type: of the connection, whichever side we are. user, secret: of a client"""
        self._node = node
        self.login_type = login_type
        self._user = user
        self._secret = secret

    def sequences(self, stamp: int) -> tuple[int, int]:
        return Sequence(self._node, stamp, _OWN_FIRST).packed(), Sequence(self._node, stamp, _OWN_LAST).packed()

    def may_send(self, role: Role) -> bool:  # noqa: ARG002 - every connection may
        return True

    def may_come(self, role: Role) -> frozenset[int]:
        """Returns the requests that are taken. A gateway that delivers on the SP's own connection is accepted too."""
        is_sp = (role is Role.CLIENT) is (self.login_type is LoginType.SP)
        return _TO_SP if is_sp else _TO_SMG

    def decode(self, command: int, status: int, seq: int, body: bytes) -> Pdu:  # noqa: ARG002 - SMPP's head has one
        return decode(command, seq, body)

    def encode(self, pdu: Pdu) -> bytes:
        return encode(pdu)  # type: ignore[arg-type] # a session is given PDUs of its own protocol

    # --- login -----------------------------------------------------------------------------------------------------------

    def login(self, seq: int, stamp: int) -> bytes:  # noqa: ARG002 - the password goes in clear
        return encode(Bind(seq, self.login_type, self._user, self._secret))

    def read_login_answer(self, command: int, status: int, seq: int, body: bytes) -> tuple[int, str]:  # noqa: ARG002
        return read_result(body), ""

    def negotiate(self, login: Pdu) -> None:
        """There is one version."""

    def admit(self, login: Pdu, status: int, secret: str) -> bytes:  # noqa: ARG002
        assert isinstance(login, Bind)
        return encode(Resp(login.seq, Command.BIND_RESP, status))

    # --- requests and answers --------------------------------------------------------------------------------------------

    def read_answer(self, status: int, body: bytes) -> tuple[int, str]:  # noqa: ARG002
        return read_result(body), ""

    def answer(self, request: Pdu, status: int, message_id: str) -> bytes:  # noqa: ARG002
        return encode(Resp(request.seq, _ANSWER_OF[type(request)], status))

    def refuse(self, command: int, seq: int, fault: Fault, body: bytes = b"") -> bytes:  # noqa: ARG002
        """Returns the octets of a refusal. Every request can be answered with a result; an unknown answer and a broken stream
        cannot.

        The answer to a Trace has no result: it names no node. A delivery out of place gets no answer, so that the gateway
        repeats it after the login.
        """
        is_repeated = fault is Fault.WRONG_STATE and command in {Command.DELIVER, Command.REPORT}
        if command & ANSWER or fault is Fault.OUT_OF_STEP or is_repeated:
            return b""
        if command == Command.TRACE:
            return encode(TraceResp(seq))
        return encode(Resp(seq, command | ANSWER, _RESULT_OF[fault]))

    def heartbeat(self, seq: int) -> bytes:
        raise AssertionError(seq)  # heartbeat_tries is 0

    def heartbeat_answer(self, seq: int) -> bytes:
        raise AssertionError(seq)  # no command is a heartbeat

    def logout(self, seq: int) -> bytes:
        return encode(Plain(seq, Command.UNBIND))

    def logout_answer(self, seq: int) -> bytes:
        return encode(Plain(seq, Command.UNBIND_RESP))
