"""SMPP in the role of the centre: submit_sm, submit_multi and data_sm become our values, deliveries become deliver_sm."""

import time
from dataclasses import dataclass, field
from itertools import count

from hongyan.adapters.carrier_time import minute
from hongyan.adapters.centre import ID_FORMS, Delivery, HandsetText, StatusReport, Submit, is_like_header, service_of
from hongyan.adapters.smpp.sar import read_sar, sar_parameters
from hongyan.model.session_submit import ReportsWanted
from hongyan.wire import text
from hongyan.wire.smpp import pdu as smpp
from hongyan.wire.smpp.pdu import NOTICE, RECEIPT, UDHI, Tag, content_of, is_for_display
from hongyan.wire.smpp.report import STATE_OF, format_receipt
from hongyan.wire.smpp.state import SmppState
from hongyan.wire.state import Pdu, ProtocolState
from hongyan.wire.tlv import Tlvs, read_number

_SERVICE_MOST = 5  # characters of service_type
_NOTICES = 0x10  # of registered_delivery: intermediate notices too
_URGENT = 2  # of priority_flag: 0 bulk, 1 normal, 2 urgent, 3 very urgent


@dataclass(slots=True)
class SmppCentre:
    """Implements adapters.centre.CentreAdapter. Ids are numbers of ten digits, unless a script has another spelling."""

    system_id: str = "sim"
    throttled: int = smpp.Status.RTHROTTLED
    _ids: "count[int]" = field(default_factory=lambda: count(time.time_ns() // 100_000 % 5_000_000_000))

    def protocol_state(self) -> SmppState:
        return SmppState(system_id=self.system_id)

    def judge(self, login: Pdu, user: str, secret: str) -> tuple[str, int]:
        assert isinstance(login, smpp.Bind)
        if user and login.system_id != user:
            return login.system_id, smpp.Status.RINVSYSID
        return login.system_id, 0 if not user or login.password == secret else smpp.Status.RINVPASWD

    def takes_deliveries(self, protocol_state: ProtocolState) -> bool:
        assert isinstance(protocol_state, SmppState)
        return protocol_state.delivers

    def next_ids(self, numbers: int) -> list[int]:
        return [next(self._ids)] * numbers

    def wrong_id(self, sound: int) -> int:
        return sound + 5_000_000_000

    def spell(self, some_id: int, form: str) -> str:
        return ID_FORMS[form or "decimal"].format(some_id)

    def read(self, pdu: Pdu, user: str, connection: int) -> Submit | None:
        if isinstance(pdu, smpp.SubmitMulti):
            numbers = tuple(dest.addr for dest in pdu.dest_address if not dest.is_list)
        elif isinstance(pdu, smpp.DataSm) or (isinstance(pdu, smpp.Sm) and pdu.command is smpp.Command.SUBMIT_SM):
            numbers = (pdu.destination_addr,)
        else:
            return None
        concat, header, content = text.split_user_data(content_of(pdu), has_header=bool(pdu.esm_class & UDHI))
        return Submit(
            user=user,
            connection=connection,
            source=pdu.source_addr,
            numbers=numbers,
            content=content,
            coding=pdu.data_coding,
            concat=read_sar(pdu.tlvs) or concat,
            reports=ReportsWanted(pdu.registered_delivery & 3),
            at=time.time(),
            header=header,
            has_bad_header=bool(pdu.esm_class & UDHI) and not header and is_like_header(content),
            is_for_display=is_for_display(pdu.tlvs),
            service=pdu.service_type,
            valid_time="" if isinstance(pdu, smpp.DataSm) else pdu.validity_period,
            at_time="" if isinstance(pdu, smpp.DataSm) else pdu.schedule_delivery_time,
            lives_s=(read_number(pdu.tlvs, Tag.QOS_TIME_TO_LIVE) or 0) if pdu.tlvs else 0,
            is_urgent=not isinstance(pdu, smpp.DataSm) and pdu.priority_flag >= _URGENT,
            reference=_reference_of(pdu.tlvs),
            protocol_id=0 if isinstance(pdu, smpp.DataSm) else pdu.protocol_id,
            wants_notice=bool(pdu.registered_delivery & _NOTICES),
        )

    def write(self, delivery: Delivery, seq: int, protocol_state: ProtocolState) -> bytes:
        pdu = self._text(delivery, seq) if isinstance(delivery, HandsetText) else self._receipt(delivery, seq)
        return protocol_state.encode(pdu)

    def _text(self, delivery: HandsetText, seq: int) -> smpp.Sm:
        return smpp.Sm(
            seq=seq,
            command=smpp.Command.DELIVER_SM,
            source_addr=delivery.number,
            destination_addr=delivery.dest,
            short_message=delivery.content,
            data_coding=delivery.coding,
            esm_class=UDHI if delivery.is_part else 0,
            source_addr_ton=1,
            source_addr_npi=1,
            service_type=service_of(delivery, _SERVICE_MOST),
            tlvs=_marked_by_parameters(delivery.content) if delivery.is_marked_twice else {},
        )

    def _receipt(self, delivery: StatusReport, seq: int) -> smpp.Sm:
        message_id = delivery.name or self.spell(delivery.id, delivery.form)
        tlvs: dict[int, bytes] = {Tag.RECEIPTED_MESSAGE_ID: message_id.encode() + b"\0"}
        if delivery.stat in STATE_OF:
            tlvs[Tag.MESSAGE_STATE] = bytes((STATE_OF[delivery.stat],))
        is_delivered = delivery.stat == "DELIVRD"
        words = format_receipt(
            message_id,
            delivery.stat,
            minute(delivery.submitted_at),
            minute(delivery.done_at or time.time()),
            delivery.err or ("000" if is_delivered or delivery.is_notice else "001"),
            dlvrd=int(is_delivered),
        )
        return smpp.Sm(
            seq=seq,
            command=smpp.Command.DELIVER_SM,
            source_addr=delivery.number,
            destination_addr=delivery.source,
            short_message=words,
            data_coding=0,
            esm_class=NOTICE if delivery.is_notice else RECEIPT,
            source_addr_ton=1,
            source_addr_npi=1,
            service_type=service_of(delivery, _SERVICE_MOST),
            tlvs=tlvs,
        )


def _reference_of(tlvs: Tlvs) -> str:
    number = read_number(tlvs, Tag.USER_MESSAGE_REFERENCE) if tlvs else None
    return "" if number is None else str(number)


def _marked_by_parameters(content: bytes) -> dict[int, bytes]:
    """Returns the content of a user data header as parameters."""
    concat, _ = text.split_header(content)
    return sar_parameters(concat.reference, concat.total, concat.number) if concat else {}
