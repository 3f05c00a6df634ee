"""CMPP in the role of the centre: SUBMITs become our values, reports and texts from handsets become DELIVERs."""

import time
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count

from hongyan.adapters.carrier_time import beijing, minute
from hongyan.adapters.centre import Delivery, HandsetText, Submit, is_like_header, service_of
from hongyan.model.session_submit import ReportsWanted
from hongyan.wire import text
from hongyan.wire.cmpp import pdu as cmpp
from hongyan.wire.cmpp.auth import BAD_SECRET, BAD_SOURCE, MsgId, is_authentic
from hongyan.wire.cmpp.report import Report, encode_report
from hongyan.wire.cmpp.state import CmppState
from hongyan.wire.state import Pdu, ProtocolState

_SERVICE_MOST = 10  # characters of Service_Id
_URGENT = 6  # of Msg_level, which ranges from 0 to 9


@dataclass(slots=True)
class CmppCentre:
    """Implements adapters.centre.CentreAdapter. Ids are Msg_Ids: the time, a gateway code that differs in each run, and a
    sequence.
    """

    version: cmpp.Version
    throttled: int = cmpp.FLOW_CONTROL
    _gateway: int = field(default_factory=lambda: time.time_ns() >> 20 & 0x3F_FFFF)
    _sequence: "count[int]" = field(default_factory=count)

    def protocol_state(self) -> CmppState:
        return CmppState(self.version)

    def judge(self, login: Pdu, user: str, secret: str) -> tuple[str, int]:
        assert isinstance(login, cmpp.Connect)
        if user and login.source_addr != user:
            return login.source_addr, BAD_SOURCE
        return login.source_addr, 0 if not user or is_authentic(login, secret) else BAD_SECRET

    def takes_deliveries(self, protocol_state: ProtocolState) -> bool:  # noqa: ARG002  every CMPP connection does
        return True

    def next_ids(self, numbers: int) -> list[int]:
        moment = _msg_id_of(int(time.time()), self._gateway)
        return [moment | next(self._sequence) & 0xFFFF for _ in range(numbers)]

    def id_at(self, second: int, number: int) -> int:
        """Returns an id of that second; the same number has the same id."""
        return _msg_id_of(second, number >> 16 & 0x3F_FFFF) | number & 0xFFFF

    def wrong_id(self, sound: int) -> int:
        return sound ^ 0x15_5555 << 16

    def spell(self, some_id: int, form: str) -> str:  # noqa: ARG002  the wire has 64 bits and no spelling
        return str(some_id)

    def read(self, pdu: Pdu, user: str, connection: int) -> Submit | None:
        if not isinstance(pdu, cmpp.Submit):
            return None
        concat, header, content = text.split_user_data(pdu.msg_content, has_header=bool(pdu.tp_udhi))
        if concat is None and pdu.pk_total > 1:
            concat = text.Concat(0, pdu.pk_total, pdu.pk_number)
        return Submit(
            user=user,
            connection=connection,
            source=pdu.src_id,
            numbers=pdu.dest_terminal_id,
            content=content,
            coding=pdu.msg_fmt,
            concat=concat,
            reports=ReportsWanted.ALL if pdu.registered_delivery == 1 else ReportsWanted.NONE,
            at=time.time(),
            header=header,
            has_bad_header=bool(pdu.tp_udhi) and not header and is_like_header(content),
            service=pdu.service_id,
            valid_time=pdu.valid_time,
            at_time=pdu.at_time,
            is_urgent=pdu.msg_level >= _URGENT,
            reference=f"{pdu.msg_src} {pdu.seq}",
            protocol_id=pdu.tp_pid,
        )

    def write(self, delivery: Delivery, seq: int, protocol_state: ProtocolState) -> bytes:
        assert isinstance(protocol_state, CmppState)
        own_id = delivery.own_id or self.next_ids(1)[0]
        if isinstance(delivery, HandsetText):
            delivery.own_id = own_id
            pdu = cmpp.Deliver(
                seq=seq,
                msg_id=own_id,
                dest_id=delivery.dest,
                src_terminal_id=delivery.number,
                msg_content=delivery.content,
                registered_delivery=0,
                msg_fmt=delivery.coding,
                tp_udhi=int(delivery.is_part),
                service_id=service_of(delivery, _SERVICE_MOST),
            )
        else:
            done = minute(delivery.done_at or time.time())
            report = Report(delivery.id, delivery.stat, minute(delivery.submitted_at), done, delivery.number, seq)
            pdu = cmpp.Deliver(
                seq,
                own_id,
                delivery.source,
                delivery.number,
                encode_report(report, protocol_state.version),
                cmpp.IS_REPORT,
                service_id=service_of(delivery, _SERVICE_MOST),
            )
        return protocol_state.encode(pdu)


@lru_cache(maxsize=16)
def _msg_id_of(second: int, gateway: int) -> int:
    at = beijing(second)
    return MsgId(
        month=at.month, day=at.day, hour=at.hour, minute=at.minute, second=at.second, gateway=gateway, sequence=0
    ).packed()
