"""SGIP in the role of the centre, a gateway of China Unicom (SMG): Submits become our values, deliveries become Delivers and Reports.

It delivers on connections of its own: `sim/caller` opens them to where the SP listens, and logs in as the SP did.
"""

import time
from dataclasses import dataclass, field

from hongyan.adapters.centre import Delivery, HandsetText, StatusReport, Submit
from hongyan.model.session_submit import ReportsWanted
from hongyan.wire.sgip import pdu as sgip
from hongyan.wire.sgip.pdu import LoginType, Result, Sequence, sequence_name
from hongyan.wire.sgip.state import SgipState
from hongyan.wire.state import Pdu, ProtocolState
from hongyan.wire.text import split_user_data

NODE = 101_001
_WRONG = 1 << 70  # in the node number
_CODES = {"EXPIRED": 25, "REJECTD": 24, "UNDELIV": 28, "UNKNOWN": 32}
_WAITING = frozenset({"ENROUTE", "ACCEPTD"})
_LOGINS_MOST = 1_000
_REPORTS = {0: ReportsWanted.FAILURES, 1: ReportsWanted.ALL, 2: ReportsWanted.NONE, 3: ReportsWanted.ALL}
"""ReportFlag → the reports that it asks for (SGIP 1.2, Submit)."""


@dataclass(slots=True)
class SgipCentre:
    """Implements adapters.centre.CentreAdapter and CallingCentre. Ids are the sequences of the submits: clients name them."""

    throttled: int = int(Result.BUSY)
    _secrets: dict[str, str] = field(default_factory=dict)  # who logged in, and with which secret

    def protocol_state(self) -> SgipState:
        return SgipState(NODE, LoginType.SP)

    def call(self, user: str) -> SgipState:
        """Returns the state of our own connection to the SP that logged in under this name."""
        return SgipState(NODE, LoginType.SMG, user, self._secrets.get(user, ""))

    def judge(self, login: Pdu, user: str, secret: str) -> tuple[str, int]:
        assert isinstance(login, sgip.Bind)
        if login.login_type != LoginType.SP:
            return login.login_name, Result.BAD_LOGIN_TYPE
        if user and (login.login_name, login.login_password) != (user, secret):
            return login.login_name, Result.BAD_LOGIN
        if len(self._secrets) < _LOGINS_MOST:
            self._secrets[login.login_name] = login.login_password
        return login.login_name, 0

    def takes_deliveries(self, protocol_state: ProtocolState) -> bool:
        assert isinstance(protocol_state, SgipState)
        return protocol_state.login_type is LoginType.SMG

    def next_ids(self, numbers: int) -> list[int]:
        """Returns ids for texts from handsets."""
        return [Sequence(NODE, 0, time.time_ns() & 0xFFFF_FFFF).packed()] * numbers

    def wrong_id(self, sound: int) -> int:
        return sound ^ _WRONG

    def spell(self, some_id: int, form: str) -> str:  # noqa: ARG002  the wire has twelve octets and no spelling
        return sequence_name(some_id)

    def read(self, pdu: Pdu, user: str, connection: int) -> Submit | None:
        if not isinstance(pdu, sgip.Submit):
            return None
        concat, header, content = split_user_data(pdu.message_content, has_header=bool(pdu.tp_udhi))
        return Submit(
            user=user,
            connection=connection,
            source=pdu.sp_number,
            numbers=pdu.user_number,
            content=content,
            coding=pdu.message_coding,
            concat=concat,
            reports=_REPORTS.get(pdu.report_flag, ReportsWanted.NONE),
            at=time.time(),
            name=pdu.seq,
            header=header,
        )

    def write(self, delivery: Delivery, seq: int, protocol_state: ProtocolState) -> bytes:
        return protocol_state.encode(
            self._text(delivery, seq) if isinstance(delivery, HandsetText) else self._report(delivery, seq)
        )

    def _text(self, delivery: HandsetText, seq: int) -> sgip.Deliver:
        return sgip.Deliver(seq, delivery.number, delivery.dest, delivery.content, delivery.coding, int(delivery.is_part))

    def _report(self, delivery: StatusReport, seq: int) -> sgip.Report:
        """Returns the report. A word that is a number is the error code itself."""
        stat = delivery.stat
        if stat == "DELIVRD":
            return sgip.Report(seq, delivery.id, delivery.number, sgip.State.DELIVERED)
        if stat in _WAITING:
            return sgip.Report(seq, delivery.id, delivery.number, sgip.State.WAITING)
        code = int(stat) if stat.isdecimal() else _CODES.get(stat, _CODES["UNDELIV"])
        return sgip.Report(seq, delivery.id, delivery.number, sgip.State.FAILED, code)
