"""CMPP for a session."""

import struct
from collections.abc import Callable

from hongyan.wire.cmpp.auth import (
    BAD_SECRET,
    BAD_SOURCE,
    OK,
    OTHER,
    VERSION_HIGH,
    digest_gateway,
    digest_source,
    is_gateway_authentic,
)
from hongyan.wire.cmpp.codec import NARROW_CONNECT_RESP, decode, encode, encode_deliver_resp, layout_of, read_id_status
from hongyan.wire.cmpp.pdu import (
    BAD_COMMAND,
    BAD_STRUCTURE,
    FRAME_MOST,
    HEAD_OCTETS,
    Cancel,
    CancelResp,
    Command,
    Connect,
    ConnectResp,
    Deliver,
    DeliverResp,
    Plain,
    Query,
    QueryResp,
    Submit,
    SubmitResp,
    Version,
)
from hongyan.wire.cmpp.pdu import Pdu as CmppPdu
from hongyan.wire.frame import BadPdu
from hongyan.wire.login_digest import NO_DIGEST
from hongyan.wire.state import SEQUENCES, Fault, Kind, Pdu, Role

_KINDS = {
    Command.CONNECT: Kind.LOGIN,
    Command.CONNECT_RESP: Kind.LOGIN_ANSWER,
    Command.TERMINATE: Kind.LOGOUT,
    Command.TERMINATE_RESP: Kind.LOGOUT_ANSWER,
    Command.SUBMIT: Kind.REQUEST,
    Command.SUBMIT_RESP: Kind.ANSWER,
    Command.DELIVER: Kind.REQUEST,
    Command.DELIVER_RESP: Kind.ANSWER,
    Command.QUERY: Kind.REQUEST,
    Command.QUERY_RESP: Kind.OTHER_ANSWER,
    Command.CANCEL: Kind.REQUEST,
    Command.CANCEL_RESP: Kind.OTHER_ANSWER,
    Command.ACTIVE_TEST: Kind.HEARTBEAT,
    Command.ACTIVE_TEST_RESP: Kind.HEARTBEAT_ANSWER,
}
_MAY_COME = {
    Role.CLIENT: frozenset[int]({Command.DELIVER}),
    Role.CENTRE: frozenset[int]({Command.SUBMIT, Command.QUERY, Command.CANCEL}),
}


class CmppState:
    """The protocol on one connection. Carrier ids of answers are the decimal digits of Msg_Id."""

    head_octets = HEAD_OCTETS
    frame_most = FRAME_MOST
    heartbeat_tries = 3  # N of CMPP 3.0, 6.1
    kinds: dict[int, Kind] = {int(command): kind for command, kind in _KINDS.items()}  # noqa: RUF012 - never changed
    credential_faults = frozenset({BAD_SOURCE, BAD_SECRET, VERSION_HIGH})
    has_settled = False
    before_login = frozenset({Kind.LOGIN})

    def __init__(
        self, version: Version, user: str = "", secret: str = "", settle: Callable[[Version], None] | None = None
    ) -> None:
        """version: that of the account; for a centre the highest one, and a client with a lower one gets the lower.

        user, secret: of a client; settle: called if the gateway only knows a lower version, which is then spoken; without it
        the client keeps its version
        """
        self.version = self._highest = version
        self._user = user
        self._secret = secret
        self._digest = NO_DIGEST
        self._settle = settle
        self._knows_peer = bool(user)  # a centre knows the version of its client once the login came

    def sequences(self, stamp: int) -> tuple[int, int]:  # noqa: ARG002 - no clock is in them
        return SEQUENCES

    def may_send(self, role: Role) -> bool:  # noqa: ARG002 - every connection may
        return True

    def may_come(self, role: Role) -> frozenset[int]:
        return _MAY_COME[role]

    def decode(self, command: int, status: int, seq: int, body: bytes) -> Pdu:  # noqa: ARG002 - SMPP's head has one
        return decode(command, seq, body, self.version)

    def encode(self, pdu: Pdu) -> bytes:
        return encode(pdu, self.version)

    # --- login -----------------------------------------------------------------------------------------------------------

    def login(self, seq: int, stamp: int) -> bytes:
        self._digest = digest_source(self._user, self._secret, stamp)
        return encode(Connect(seq, self._user, self._digest, self.version, stamp), self.version)

    def read_login_answer(self, command: int, status: int, seq: int, body: bytes) -> tuple[int, str]:  # noqa: ARG002
        """Reads the answer to a login. An answer with a wrong digest is accepted and reported as odd: servers differ in how
        they make it.
        """
        answer = decode(command, seq, body, self.version)
        assert isinstance(answer, ConnectResp)
        odd = []
        if not answer.status and not is_gateway_authentic(answer, self._digest, self._secret):
            odd.append("the gateway's digest is wrong")
        if layout_of(answer.version) < layout_of(self.version) and answer.status in {OK, VERSION_HIGH}:
            odd.append(f"the gateway knows no more than version {answer.version:#x}")
            if self._settle and (answer.status or len(body) <= NARROW_CONNECT_RESP):
                self._settle_for(layout_of(answer.version), self._settle)
        return answer.status, "; ".join(odd)

    def _settle_for(self, version: Version, settle: Callable[[Version], None]) -> None:
        """Take the version from the layout of a gateway's acceptance, whatever version it names: many fill that in at random."""
        self.version, self.has_settled = version, True
        settle(version)

    def negotiate(self, login: Pdu) -> None:
        assert isinstance(login, Connect)
        self.version, self._knows_peer = min(layout_of(login.version), layout_of(self._highest)), True

    def admit(self, login: Pdu, status: int, secret: str) -> bytes:
        assert isinstance(login, Connect)
        digest = NO_DIGEST if status else digest_gateway(status, login.authenticator_source, secret, self.version)
        return encode(ConnectResp(login.seq, status, digest, self._highest), self.version)

    # --- requests and answers --------------------------------------------------------------------------------------------

    def read_answer(self, status: int, body: bytes) -> tuple[int, str]:  # noqa: ARG002
        try:
            msg_id, result = read_id_status(body)
        except struct.error:
            raise BadPdu("RESP", 0, f"{len(body)} octets of body") from None
        return result, str(msg_id)

    def answer(self, request: Pdu, status: int, message_id: str) -> bytes:
        match request:
            case Deliver():
                return encode_deliver_resp(request.seq, request.msg_id, status, self.version)
            case Submit():
                return encode(SubmitResp(request.seq, int(message_id or 0), status), self.version)
            case Query():
                return encode(QueryResp(request.seq, request.time, request.query_type, request.query_code), self.version)
            case Cancel():
                return encode(CancelResp(request.seq, status), self.version)
            case _:
                raise AssertionError(request)

    def refuse(self, command: int, seq: int, fault: Fault, body: bytes = b"") -> bytes:
        """Returns the octets of a refusal. CMPP has no negative acknowledgement, so only what has an answer with a result is
        refused.

        A delivery out of place gets no answer, so that the gateway repeats it after the login. A client of which no version is known is
        refused in the layout of 2.0: it would read the four octets of a status of 3.0 as an acceptance.
        """
        refusal = _refusal(command, seq, fault, self.version, body)
        return encode(refusal, self.version if self._knows_peer else Version.V20) if refusal else b""

    def heartbeat(self, seq: int) -> bytes:
        return encode(Plain(Command.ACTIVE_TEST, seq), self.version)

    def heartbeat_answer(self, seq: int) -> bytes:
        return encode(Plain(Command.ACTIVE_TEST_RESP, seq, b"\0"), self.version)

    def logout(self, seq: int) -> bytes:
        return encode(Plain(Command.TERMINATE, seq), self.version)

    def logout_answer(self, seq: int) -> bytes:
        return encode(Plain(Command.TERMINATE_RESP, seq), self.version)


def _refusal(command: int, seq: int, fault: Fault, version: Version, body: bytes) -> CmppPdu | None:
    if fault is Fault.ALREADY_LOGGED_IN:
        return ConnectResp(seq, OTHER, NO_DIGEST, version)
    if fault is Fault.WRONG_STATE:
        return SubmitResp(seq, 0, BAD_COMMAND) if command == Command.SUBMIT else None
    if fault is not Fault.UNREADABLE:
        return None
    match command:
        case Command.CONNECT:
            return ConnectResp(seq, BAD_STRUCTURE, NO_DIGEST, version)
        case Command.SUBMIT:
            return SubmitResp(seq, 0, BAD_STRUCTURE)
        case Command.DELIVER:
            return DeliverResp(seq, int.from_bytes(body[:8]) if len(body) >= 8 else 0, BAD_STRUCTURE)
        case Command.CANCEL:
            return CancelResp(seq, 1)
        case Command.QUERY:
            return QueryResp(seq, "", 0, "")
        case _:
            return None
