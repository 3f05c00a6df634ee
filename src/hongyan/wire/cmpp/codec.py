"""CMPP 2.0, 2.1 and 3.0: reading and writing the messages of `wire/cmpp/pdu`.

The version is a parameter and the layouts are tables: 3.0 widens phone numbers from 21 octets to 32, statuses from one
octet to four, adds a type octet after numbers, and ends with a LinkID of 20 octets where 2.0 reserves 8. 2.1 has the
layout of 2.0. What stands behind the known fields is ignored.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from struct import Struct
from typing import Any

from hongyan.wire.cmpp.pdu import (
    Cancel,
    CancelResp,
    Command,
    Connect,
    ConnectResp,
    Deliver,
    DeliverResp,
    Pdu,
    Plain,
    Query,
    QueryResp,
    Submit,
    SubmitResp,
    Version,
)
from hongyan.wire.codec import content_at, decoder, encoder
from hongyan.wire.fields import fit, fit_numbers, read_numbers, read_shared, read_text
from hongyan.wire.frame import BadPdu

# --- layouts -----------------------------------------------------------------------------------------------------------

_DELIVERED = int(Command.DELIVER_RESP)
_CONNECT = Struct(">6s16sBI")
_QUERY = Struct(">8sB10s8s")
_QUERY_RESP = Struct(">8sB10s8I")
_CANCEL = Struct(">Q")


@dataclass(frozen=True, slots=True)
class Layout:
    """What differs between the versions."""

    number: int  # octets of a phone number
    number_type: int  # octets of the type behind a phone number
    reserve: int  # octets at the end of SUBMIT and DELIVER
    status: str  # of the status of an answer, as a format character

    @property
    def submit(self) -> Struct:
        """From Msg_Id to DestUsr_tl."""
        return Struct(f">QBBBB10sB{self.number}s{'B' * self.number_type}BBB6s2s6s17s17s21sB")

    @property
    def deliver(self) -> Struct:
        """From Msg_Id to Msg_Length."""
        return Struct(f">Q21s10sBBB{self.number}s{'B' * self.number_type}BB")


_NARROW = Layout(number=21, number_type=0, reserve=8, status="B")
_WIDE = Layout(number=32, number_type=1, reserve=20, status="I")
LAYOUTS = {Version.V20: _NARROW, Version.V21: _NARROW, Version.V30: _WIDE}

_ID_STATUS_NARROW = Struct(f">Q{_NARROW.status}")
_ID_STATUS_WIDE = Struct(f">Q{_WIDE.status}")
_SUBMIT = {version: layout.submit for version, layout in LAYOUTS.items()}
_DELIVER = {version: layout.deliver for version, layout in LAYOUTS.items()}
_ID_STATUS = {version: Struct(f">Q{layout.status}") for version, layout in LAYOUTS.items()}
_STATUS = {version: Struct(f">{layout.status}") for version, layout in LAYOUTS.items()}
_DELIVER_RESP = {version: Struct(f">IIIQ{layout.status}") for version, layout in LAYOUTS.items()}  # head included
_CONNECT_RESP = {version: Struct(f">{layout.status}16sB") for version, layout in LAYOUTS.items()}
NARROW_CONNECT_RESP = _CONNECT_RESP[Version.V20].size
"""Octets of the body in 2.0; 3.0 has three more."""


def layout_of(version: int) -> Version:
    """Returns the version with the layouts that a peer of this version number uses."""
    return Version.V30 if version >= Version.V30 else Version.V20


# --- reading -----------------------------------------------------------------------------------------------------------


def _connect(seq: int, body: bytes, version: Version) -> Connect:
    source, authenticator, wanted, stamp = _CONNECT.unpack_from(body)
    return Connect(seq, read_text(source), authenticator, wanted, stamp)


def _connect_resp(seq: int, body: bytes, version: Version) -> ConnectResp:
    """Reads a CONNECT_RESP. Its length decides the layout: a gateway refuses a login in the layout of its own default version."""
    wide = _CONNECT_RESP[Version.V30]
    shape = wide if len(body) >= wide.size else _CONNECT_RESP[Version.V20]
    return ConnectResp(seq, *shape.unpack_from(body))


def _submit(seq: int, body: bytes, version: Version) -> Submit:
    shape, layout = _SUBMIT[version], LAYOUTS[version]
    fields = list(shape.unpack_from(body))
    if not layout.number_type:
        fields.insert(8, 0)
    msg_id, total, number, registered, level, service, payer, fee_number, fee_kind, pid, udhi, fmt = fields[:12]
    src, feetype, feecode, valid, at, source, count = fields[12:]
    end = shape.size + layout.number * count
    numbers = read_numbers(body[shape.size : end], layout.number)
    kind = body[end] if layout.number_type and end < len(body) else 0
    end += layout.number_type
    if end >= len(body):
        raise BadPdu("SUBMIT", seq, f"{count} recipients do not fit into {len(body)} octets")
    content, reserve, _ = content_at("SUBMIT", seq, body, end, layout.reserve)
    return Submit(
        seq=seq,
        src_id=read_shared(source),
        dest_terminal_id=numbers,
        msg_content=content,
        msg_fmt=fmt,
        tp_udhi=udhi,
        pk_total=total,
        pk_number=number,
        registered_delivery=registered,
        msg_level=level,
        service_id=read_shared(service),
        fee_usertype=payer,
        fee_terminal_id=read_shared(fee_number),
        fee_terminal_type=fee_kind,
        tp_pid=pid,
        msg_src=read_shared(src),
        feetype=read_shared(feetype),
        feecode=read_shared(feecode),
        valid_time=read_shared(valid),
        at_time=read_shared(at),
        dest_terminal_type=kind,
        linkid=reserve,
        msg_id=msg_id,
    )


def _deliver(seq: int, body: bytes, version: Version) -> Deliver:
    shape, layout = _DELIVER[version], LAYOUTS[version]
    if layout.number_type:
        msg_id, dest, service, pid, udhi, fmt, source, kind, registered, _ = shape.unpack_from(body)
    else:
        msg_id, dest, service, pid, udhi, fmt, source, registered, _ = shape.unpack_from(body)
        kind = 0
    content, reserve, _ = content_at("DELIVER", seq, body, shape.size - 1, layout.reserve)
    return Deliver(
        seq=seq,
        msg_id=msg_id,
        dest_id=read_shared(dest),
        src_terminal_id=read_text(source),
        msg_content=content,
        registered_delivery=registered,
        msg_fmt=fmt,
        tp_udhi=udhi,
        tp_pid=pid,
        service_id=read_shared(service),
        src_terminal_type=kind,
        linkid=reserve,
    )


def read_id_status(body: bytes) -> tuple[int, int]:
    """Reads Msg_Id and result of a SUBMIT_RESP or DELIVER_RESP. Its length decides the layout, since gateways mix them.

    A four-octet result read as one octet would turn every refusal below 2^24 into an acceptance.
    raises: struct.error for less than 9 octets
    """
    msg_id, status = (_ID_STATUS_WIDE if len(body) >= 12 else _ID_STATUS_NARROW).unpack_from(body)
    return msg_id, status


def _submit_resp(seq: int, body: bytes, version: Version) -> SubmitResp:
    return SubmitResp(seq, *read_id_status(body))


def _deliver_resp(seq: int, body: bytes, version: Version) -> DeliverResp:
    return DeliverResp(seq, *read_id_status(body))


def _query(seq: int, body: bytes, version: Version) -> Query:
    time, kind, code, reserve = _QUERY.unpack_from(body)
    return Query(seq, read_text(time), kind, read_text(code), read_text(reserve))


def _query_resp(seq: int, body: bytes, version: Version) -> QueryResp:
    time, kind, code, *counts = _QUERY_RESP.unpack_from(body)
    return QueryResp(seq, read_text(time), kind, read_text(code), tuple(counts))


def _cancel(seq: int, body: bytes, version: Version) -> Cancel:
    return Cancel(seq, *_CANCEL.unpack_from(body))


def _cancel_resp(seq: int, body: bytes, version: Version) -> CancelResp:
    shape = _STATUS[Version.V30] if len(body) >= 4 else _STATUS[Version.V20]
    return CancelResp(seq, *shape.unpack_from(body))


def _plain(command: Command, seq: int, body: bytes, version: Version) -> Plain:
    return Plain(command, seq, body)


_PLAIN = (Command.TERMINATE, Command.TERMINATE_RESP, Command.ACTIVE_TEST, Command.ACTIVE_TEST_RESP)
_READERS: dict[int, Callable[[int, bytes, Version], Pdu]] = {
    Command.CONNECT: _connect,
    Command.CONNECT_RESP: _connect_resp,
    Command.SUBMIT: _submit,
    Command.SUBMIT_RESP: _submit_resp,
    Command.DELIVER: _deliver,
    Command.DELIVER_RESP: _deliver_resp,
    Command.QUERY: _query,
    Command.QUERY_RESP: _query_resp,
    Command.CANCEL: _cancel,
    Command.CANCEL_RESP: _cancel_resp,
    **{command: partial(_plain, command) for command in _PLAIN},
}

decode = decoder(_READERS, Command)
"""Reads what follows a head: command, sequence, body, version. raises: BadPdu"""

# --- writing -----------------------------------------------------------------------------------------------------------


def encode_deliver_resp(seq: int, msg_id: int, result: int, version: Version) -> bytes:
    """Returns what `encode` makes of a `DeliverResp`, but faster: these are half of what a busy connection writes."""
    shape = _DELIVER_RESP[version]
    return shape.pack(shape.size, _DELIVERED, seq, msg_id, result)


def _submit_body(pdu: Submit, version: Version) -> bytes:
    layout = LAYOUTS[version]
    fields: list[Any] = [
        pdu.msg_id,
        pdu.pk_total,
        pdu.pk_number,
        pdu.registered_delivery,
        pdu.msg_level,
        fit(pdu.service_id, 10),
        pdu.fee_usertype,
        fit(pdu.fee_terminal_id, layout.number),
        pdu.fee_terminal_type,
        pdu.tp_pid,
        pdu.tp_udhi,
        pdu.msg_fmt,
        fit(pdu.msg_src, 6),
        fit(pdu.feetype, 2),
        fit(pdu.feecode, 6),
        fit(pdu.valid_time, 17),
        fit(pdu.at_time, 17),
        fit(pdu.src_id, 21),
        len(pdu.dest_terminal_id),
    ]
    if not layout.number_type:
        del fields[8]
    numbers = fit_numbers(pdu.dest_terminal_id, layout.number)
    kind = bytes([pdu.dest_terminal_type])[: layout.number_type]
    return _SUBMIT[version].pack(*fields) + numbers + kind + _with_length(pdu.msg_content, pdu.linkid, layout)


def _with_length(content: bytes, reserve: bytes, layout: Layout) -> bytes:
    return bytes([len(content)]) + content + reserve.ljust(layout.reserve, b"\0")[: layout.reserve]


def _deliver_body(pdu: Deliver, version: Version) -> bytes:
    layout = LAYOUTS[version]
    fields: list[Any] = [
        pdu.msg_id,
        fit(pdu.dest_id, 21),
        fit(pdu.service_id, 10),
        pdu.tp_pid,
        pdu.tp_udhi,
        pdu.msg_fmt,
        fit(pdu.src_terminal_id, layout.number),
        pdu.src_terminal_type,
        pdu.registered_delivery,
        len(pdu.msg_content),
    ]
    if not layout.number_type:
        del fields[7]
    return _DELIVER[version].pack(*fields) + _with_length(pdu.msg_content, pdu.linkid, layout)[1:]


_WRITERS: dict[type, tuple[Command | None, Callable[[Any, Version], bytes]]] = {
    Plain: (None, lambda p, v: p.body),
    Connect: (
        Command.CONNECT,
        lambda p, v: _CONNECT.pack(fit(p.source_addr, 6), p.authenticator_source, p.version, p.timestamp),
    ),
    ConnectResp: (Command.CONNECT_RESP, lambda p, v: _CONNECT_RESP[v].pack(p.status, p.authenticator_ismg, p.version)),
    Submit: (Command.SUBMIT, _submit_body),
    SubmitResp: (Command.SUBMIT_RESP, lambda p, v: _ID_STATUS[v].pack(p.msg_id, p.result)),
    Deliver: (Command.DELIVER, _deliver_body),
    DeliverResp: (Command.DELIVER_RESP, lambda p, v: _ID_STATUS[v].pack(p.msg_id, p.result)),
    Query: (
        Command.QUERY,
        lambda p, v: _QUERY.pack(fit(p.time, 8), p.query_type, fit(p.query_code, 10), fit(p.reserve, 8)),
    ),
    QueryResp: (
        Command.QUERY_RESP,
        lambda p, v: _QUERY_RESP.pack(fit(p.time, 8), p.query_type, fit(p.query_code, 10), *p.counts),
    ),
    Cancel: (Command.CANCEL, lambda p, v: _CANCEL.pack(p.msg_id)),
    CancelResp: (Command.CANCEL_RESP, lambda p, v: _STATUS[v].pack(p.success_id)),
}

encode = encoder(_WRITERS)
"""Returns the octets of one message, head included. raises: BadPdu for a value that its field cannot hold"""
