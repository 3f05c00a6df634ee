"""SMGP for a session."""

import struct
from collections.abc import Callable

from hongyan.wire.frame import BadPdu
from hongyan.wire.login_digest import NO_DIGEST
from hongyan.wire.smgp.auth import NAME_OCTETS, digest_client, digest_server, is_gateway_authentic
from hongyan.wire.smgp.codec import decode, encode, encode_deliver_resp, read_id_status
from hongyan.wire.smgp.pdu import (
    FRAME_MOST,
    HEAD_OCTETS,
    ID_OCTETS,
    NO_ID,
    Command,
    Deliver,
    DeliverResp,
    Login,
    LoginMode,
    LoginResp,
    Plain,
    Query,
    QueryResp,
    Status,
    Submit,
    SubmitResp,
    Version,
)
from hongyan.wire.state import SEQUENCES, Fault, Kind, Pdu, Role

_KINDS = {
    Command.LOGIN: Kind.LOGIN,
    Command.LOGIN_RESP: Kind.LOGIN_ANSWER,
    Command.SUBMIT: Kind.REQUEST,
    Command.SUBMIT_RESP: Kind.ANSWER,
    Command.DELIVER: Kind.REQUEST,
    Command.DELIVER_RESP: Kind.ANSWER,
    Command.QUERY: Kind.REQUEST,
    Command.QUERY_RESP: Kind.OTHER_ANSWER,
    Command.ACTIVE_TEST: Kind.HEARTBEAT,
    Command.ACTIVE_TEST_RESP: Kind.HEARTBEAT_ANSWER,
    Command.EXIT: Kind.LOGOUT,
    Command.EXIT_RESP: Kind.LOGOUT_ANSWER,
}


class SmgpState:
    """The protocol on one connection. Carrier ids of answers are the twenty hexadecimal digits of MsgID."""

    head_octets = HEAD_OCTETS
    frame_most = FRAME_MOST
    heartbeat_tries = 3
    kinds: dict[int, Kind] = {int(command): kind for command, kind in _KINDS.items()}  # noqa: RUF012 - never changed
    credential_faults = frozenset[int]({Status.BAD_ADDRESS, Status.BAD_SECRET, Status.VERSION_HIGH})
    has_settled = False
    before_login = frozenset({Kind.LOGIN})

    def __init__(
        self,
        version: Version = Version.V30,
        user: str = "",
        secret: str = "",
        mode: LoginMode = LoginMode.TRANSMIT,
        settle: Callable[[Version], None] | None = None,
        *,
        pads_name: bool = False,
    ) -> None:
        """version: that of the account; for a centre the highest one, and a client with a lower one gets the lower.

        user, secret, mode: of a client; settle: called if the gateway only knows a lower version, which is then spoken;
        without it the client keeps its version; pads_name: a name shorter than its field enters the digest padded
        """
        self.version = self._highest = version
        self.mode = mode
        self._user = user
        self._hashed_name = user.ljust(NAME_OCTETS, "\0") if pads_name else user
        self._secret = secret
        self._digest = NO_DIGEST
        self._settle = settle

    @property
    def delivers(self) -> bool:
        """Centre: returns whether a Deliver may be sent to this client, which is not one that only sends."""
        return self.mode is not LoginMode.SEND

    def sequences(self, stamp: int) -> tuple[int, int]:  # noqa: ARG002 - no clock is in them
        return SEQUENCES

    def may_send(self, role: Role) -> bool:
        return self.mode is not LoginMode.RECEIVE if role is Role.CLIENT else self.delivers

    def may_come(self, role: Role) -> frozenset[int]:
        if role is Role.CLIENT:
            return frozenset({Command.DELIVER} if self.delivers else ())
        return frozenset({Command.SUBMIT, Command.QUERY} if self.mode is not LoginMode.RECEIVE else ())

    def decode(self, command: int, status: int, seq: int, body: bytes) -> Pdu:  # noqa: ARG002 - SMPP's head has one
        return decode(command, seq, body, self.version)

    def encode(self, pdu: Pdu) -> bytes:
        return encode(pdu, self.version)

    # --- login -----------------------------------------------------------------------------------------------------------

    def login(self, seq: int, stamp: int) -> bytes:
        self._digest = digest_client(self._hashed_name, self._secret, stamp)
        return encode(Login(seq, self._user, self._digest, self.mode, stamp, self.version), self.version)

    def read_login_answer(self, command: int, status: int, seq: int, body: bytes) -> tuple[int, str]:  # noqa: ARG002
        """Reads the answer to a login. An answer with a wrong digest is accepted and reported as odd: servers differ in how
        they make it.
        """
        answer = decode(command, seq, body, self.version)
        assert isinstance(answer, LoginResp)
        is_strange = not answer.status and not is_gateway_authentic(answer, self._digest, self._secret)
        is_lower = self.version > Version.V13 == answer.server_version
        if is_lower and self._settle and answer.status in {Status.OK, Status.VERSION_HIGH}:
            self.version, self.has_settled = Version.V13, True
            self._settle(self.version)
        return answer.status, "the gateway's digest is wrong" if is_strange else ""

    def negotiate(self, login: Pdu) -> None:
        assert isinstance(login, Login)
        self.version = Version.V30 if min(login.client_version, self._highest) >= Version.V30 else Version.V13
        self.mode = LoginMode(login.login_mode) if login.login_mode in set(LoginMode) else LoginMode.TRANSMIT

    def admit(self, login: Pdu, status: int, secret: str) -> bytes:
        assert isinstance(login, Login)
        digest = NO_DIGEST if status else digest_server(status, login.authenticator_client, secret)
        return encode(LoginResp(login.seq, status, digest, self._highest), self.version)

    # --- requests and answers --------------------------------------------------------------------------------------------

    def read_answer(self, status: int, body: bytes) -> tuple[int, str]:  # noqa: ARG002
        try:
            msg_id, result = read_id_status(body)
        except struct.error:
            raise BadPdu("RESP", 0, f"{len(body)} octets of body") from None
        return result, msg_id.hex()

    def answer(self, request: Pdu, status: int, message_id: str) -> bytes:
        """message_id: twenty hexadecimal digits; leading zeros may be missing, all of them for none"""
        match request:
            case Deliver():
                return encode_deliver_resp(request.seq, request.msg_id, status)
            case Submit():
                return encode(SubmitResp(request.seq, bytes.fromhex(message_id.zfill(2 * ID_OCTETS)), status), self.version)
            case Query():
                return encode(QueryResp(request.seq, request.query_time, request.query_type, request.query_code), self.version)
            case _:
                raise AssertionError(request)

    def refuse(self, command: int, seq: int, fault: Fault, body: bytes = b"") -> bytes:
        """Returns the octets of a refusal. SMGP has no negative acknowledgement, so only what has an answer with a status is
        refused.

        A delivery out of place gets no answer, so that the gateway repeats it after the login.
        """
        if fault is Fault.ALREADY_LOGGED_IN:
            return encode(LoginResp(seq, Status.CONNECTIONS, NO_DIGEST, self.version), self.version)
        if fault is not Fault.UNREADABLE:
            return b""
        match command:
            case Command.LOGIN:
                return encode(LoginResp(seq, Status.BAD_STRUCTURE, NO_DIGEST, self.version), self.version)
            case Command.SUBMIT:
                return encode(SubmitResp(seq, NO_ID, Status.BAD_STRUCTURE), self.version)
            case Command.DELIVER:
                return encode(DeliverResp(seq, body[:ID_OCTETS].ljust(ID_OCTETS, b"\0"), Status.BAD_STRUCTURE), self.version)
            case _:
                return b""

    def heartbeat(self, seq: int) -> bytes:
        return encode(Plain(Command.ACTIVE_TEST, seq), self.version)

    def heartbeat_answer(self, seq: int) -> bytes:
        return encode(Plain(Command.ACTIVE_TEST_RESP, seq), self.version)

    def logout(self, seq: int) -> bytes:
        return encode(Plain(Command.EXIT, seq), self.version)

    def logout_answer(self, seq: int) -> bytes:
        return encode(Plain(Command.EXIT_RESP, seq), self.version)
