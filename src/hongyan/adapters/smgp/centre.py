"""SMGP in the role of the centre, a gateway of China Telecom: Submits become our values, deliveries become Delivers."""

import time
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count

from hongyan.adapters.carrier_time import beijing, minute
from hongyan.adapters.centre import Delivery, HandsetText, StatusReport, Submit
from hongyan.model.session_submit import ReportsWanted
from hongyan.wire.smgp import pdu as smgp
from hongyan.wire.smgp.auth import MsgId, is_authentic
from hongyan.wire.smgp.report import Report, encode_report
from hongyan.wire.smgp.state import SmgpState
from hongyan.wire.state import Pdu, ProtocolState
from hongyan.wire.text import split_user_data
from hongyan.wire.tlv import read_number

_WRONG = 0x15 << 72  # in the digits of the gateway
_SEQUENCES = 1_000_000


@dataclass(slots=True)
class SmgpCentre:
    """Implements adapters.centre.CentreAdapter. Ids are numbers whose twenty hexadecimal digits are the decimal ones of a MsgID."""

    throttled: int = int(smgp.Status.BUSY)
    _gateway: int = field(default_factory=lambda: time.time_ns() >> 20)
    _sequence: "count[int]" = field(default_factory=count)

    def protocol_state(self) -> SmgpState:
        return SmgpState()

    def judge(self, login: Pdu, user: str, secret: str) -> tuple[str, int]:
        assert isinstance(login, smgp.Login)
        may_connect = not user or (login.client_id == user and is_authentic(login, secret))
        return login.client_id, 0 if may_connect else smgp.Status.BAD_SECRET

    def takes_deliveries(self, protocol_state: ProtocolState) -> bool:
        assert isinstance(protocol_state, SmgpState)
        return protocol_state.delivers

    def next_ids(self, numbers: int) -> list[int]:
        front = _front_of(int(time.time()) // 60, self._gateway)
        return [front | int(f"{next(self._sequence) % _SEQUENCES:06d}", 16) for _ in range(numbers)]

    def wrong_id(self, sound: int) -> int:
        return sound ^ _WRONG

    def spell(self, some_id: int, form: str) -> str:  # noqa: ARG002  the wire has ten octets and no spelling
        return f"{some_id:020x}"

    def read(self, pdu: Pdu, user: str, connection: int) -> Submit | None:
        if not isinstance(pdu, smgp.Submit):
            return None
        concat, header, content = split_user_data(pdu.msg_content, has_header=bool(read_number(pdu.tlvs, smgp.Tag.TP_UDHI)))
        return Submit(
            user=user,
            connection=connection,
            source=pdu.src_term_id,
            numbers=pdu.dest_term_id,
            content=content,
            coding=pdu.msg_format,
            concat=concat,
            reports=ReportsWanted.ALL if pdu.need_report == 1 else ReportsWanted.NONE,
            at=time.time(),
            header=header,
        )

    def write(self, delivery: Delivery, seq: int, protocol_state: ProtocolState) -> bytes:
        return protocol_state.encode(
            self._text(delivery, seq) if isinstance(delivery, HandsetText) else self._report(delivery, seq)
        )

    def _text(self, delivery: HandsetText, seq: int) -> smgp.Deliver:
        [new] = self.next_ids(1)
        delivery.own_id = delivery.own_id or new
        tlvs: dict[int, bytes] = {smgp.Tag.TP_UDHI: b"\1"} if delivery.is_part else {}
        return smgp.Deliver(
            seq=seq,
            msg_id=_packed(delivery.own_id),
            src_term_id=delivery.number,
            dest_term_id=delivery.dest,
            msg_content=delivery.content,
            is_report=0,
            msg_format=delivery.coding,
            recv_time=_moment(),
            tlvs=tlvs,
        )

    def _report(self, delivery: StatusReport, seq: int) -> smgp.Deliver:
        is_delivered = delivery.stat == "DELIVRD"
        content = encode_report(
            Report(
                _packed(delivery.id),
                delivery.stat,
                minute(delivery.submitted_at),
                minute(time.time()),
                "000" if is_delivered else "999",
            )
        )
        return smgp.Deliver(seq, self._own_id(), delivery.number, delivery.source, content, 1, recv_time=_moment())

    def _own_id(self) -> bytes:
        [own_id] = self.next_ids(1)
        return _packed(own_id)


def _packed(some_id: int) -> bytes:
    return some_id.to_bytes(smgp.ID_OCTETS, "big")


@lru_cache(maxsize=16)
def _front_of(minutes: int, gateway: int) -> int:
    """Returns an id of this minute with a sequence of zeros."""
    at = beijing(minutes * 60)
    return int.from_bytes(MsgId(gateway, at.month, at.day, at.hour, at.minute, 0).packed())


def _moment() -> str:
    return f"{beijing(time.time()):%Y%m%d%H%M%S}"
