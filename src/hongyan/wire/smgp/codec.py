"""SMGP 3.0.3: reading and writing the messages of `wire/smgp/pdu`.

Numbers are big-endian and unsigned, texts of fixed width and padded with NUL. Optional parameters follow the fixed fields;
one that is cut short ends their reading. Octets behind a message without parameters are ignored.
"""

from collections.abc import Callable
from functools import partial
from struct import Struct
from typing import Any

from hongyan.wire.codec import content_at, decoder, encoder
from hongyan.wire.fields import fit, fit_numbers, read_numbers, read_shared, read_text
from hongyan.wire.frame import BadPdu
from hongyan.wire.smgp.pdu import (
    ID_OCTETS,
    Command,
    Deliver,
    DeliverResp,
    Login,
    LoginResp,
    Pdu,
    Plain,
    Query,
    QueryResp,
    Submit,
    SubmitResp,
    Version,
)
from hongyan.wire.tlv import decode_tlvs, encode_tlvs

_DELIVERED = int(Command.DELIVER_RESP)
NUMBER, RESERVE = 21, 8  # octets
FEES = {Version.V13: Struct(">10s2s6s"), Version.V30: Struct(">10s2s6s6s")}
"""ServiceID, FeeType, FeeCode and, from 3.0 on, FixedFee."""

_LOGIN = Struct(">8s16sBIB")
_LOGIN_RESP = Struct(">I16sB")
_SUBMIT = {version: Struct(f">BBB{fees.size}sB17s17s21s21sB") for version, fees in FEES.items()}  # MsgType to DestTermIDCount
_DELIVER = Struct(">10sBB14s21s21sB")  # MsgID to MsgLength
_ID_STATUS = Struct(">10sI")
_DELIVER_RESP = Struct(">III10sI")  # head included
_QUERY = Struct(">8sB10s")
_QUERY_RESP = Struct(">8sB10s8I")

# --- reading -----------------------------------------------------------------------------------------------------------


def _login(seq: int, body: bytes, version: Version) -> Login:
    name, authenticator, mode, stamp, wanted = _LOGIN.unpack_from(body)
    return Login(seq, read_text(name), authenticator, mode, stamp, wanted)


def _login_resp(seq: int, body: bytes, version: Version) -> LoginResp:
    return LoginResp(seq, *_LOGIN_RESP.unpack_from(body))


def _submit(seq: int, body: bytes, version: Version) -> Submit:
    shape = _SUBMIT[version]
    kind, report, priority, fees, coding, valid, at, source, payer, count = shape.unpack_from(body)
    service, fee_type, fee_code, *fixed = (read_text(one) for one in FEES[version].unpack(fees))
    first, end = shape.size, shape.size + NUMBER * count
    if end >= len(body):
        raise BadPdu("SUBMIT", seq, f"{count} recipients do not fit into {len(body)} octets")
    content, reserve, after = content_at("SUBMIT", seq, body, end, RESERVE)
    numbers = read_numbers(body[first:end], NUMBER)
    return Submit(
        seq=seq,
        src_term_id=read_text(source),
        dest_term_id=numbers,
        msg_content=content,
        msg_format=coding,
        msg_type=kind,
        need_report=report,
        priority=priority,
        service_id=service,
        fee_type=fee_type,
        fee_code=fee_code,
        fixed_fee=fixed[0] if fixed else "",
        valid_time=read_text(valid),
        at_time=read_text(at),
        charge_term_id=read_text(payer),
        reserve=reserve,
        tlvs=decode_tlvs(body, after),
    )


def _deliver(seq: int, body: bytes, version: Version) -> Deliver:
    msg_id, is_report, coding, received, source, dest, _ = _DELIVER.unpack_from(body)
    content, reserve, after = content_at("DELIVER", seq, body, _DELIVER.size - 1, RESERVE)
    return Deliver(
        seq=seq,
        msg_id=msg_id,
        src_term_id=read_text(source),
        dest_term_id=read_shared(dest),
        msg_content=content,
        is_report=is_report,
        msg_format=coding,
        recv_time=read_shared(received),
        reserve=reserve,
        tlvs=decode_tlvs(body, after) if after < len(body) else {},
    )


def read_id_status(body: bytes) -> tuple[bytes, int]:
    """Reads MsgID and Status of a Submit_Resp or Deliver_Resp. raises: struct.error for less than 14 octets"""
    msg_id, status = _ID_STATUS.unpack_from(body)
    return msg_id, status


def _submit_resp(seq: int, body: bytes, version: Version) -> SubmitResp:
    return SubmitResp(seq, *read_id_status(body))


def _deliver_resp(seq: int, body: bytes, version: Version) -> DeliverResp:
    return DeliverResp(seq, *read_id_status(body))


def _query(seq: int, body: bytes, version: Version) -> Query:
    day, kind, code = _QUERY.unpack_from(body)
    return Query(seq, read_text(day), kind, read_text(code))


def _query_resp(seq: int, body: bytes, version: Version) -> QueryResp:
    day, kind, code, *counts = _QUERY_RESP.unpack_from(body)
    reserve = body[_QUERY_RESP.size : _QUERY_RESP.size + RESERVE].rstrip(b"\0")
    return QueryResp(seq, read_text(day), kind, read_text(code), tuple(counts), reserve)


def _plain(command: Command, seq: int, body: bytes, version: Version) -> Plain:
    return Plain(command, seq)


_PLAIN = (Command.ACTIVE_TEST, Command.ACTIVE_TEST_RESP, Command.EXIT, Command.EXIT_RESP)
_READERS: dict[int, Callable[[int, bytes, Version], Pdu]] = {
    Command.LOGIN: _login,
    Command.LOGIN_RESP: _login_resp,
    Command.SUBMIT: _submit,
    Command.SUBMIT_RESP: _submit_resp,
    Command.DELIVER: _deliver,
    Command.DELIVER_RESP: _deliver_resp,
    Command.QUERY: _query,
    Command.QUERY_RESP: _query_resp,
    **{command: partial(_plain, command) for command in _PLAIN},
}

decode = decoder(_READERS, Command)
"""Reads what follows a head: command, sequence, body, version. raises: BadPdu"""

# --- writing -----------------------------------------------------------------------------------------------------------


def encode_deliver_resp(seq: int, msg_id: bytes, status: int) -> bytes:
    """Returns what `encode` makes of a `DeliverResp` whose id came in a Deliver, but faster."""
    return _DELIVER_RESP.pack(_DELIVER_RESP.size, _DELIVERED, seq, msg_id, status)


def pack_fees(pdu: Submit, version: Version) -> bytes:
    """raises: ValueError if one does not fit"""
    fees = [fit(pdu.service_id, 10), fit(pdu.fee_type, 2), fit(pdu.fee_code, 6), fit(pdu.fixed_fee, 6)]
    return FEES[version].pack(*(fees if version is Version.V30 else fees[:3]))


def _submit_body(pdu: Submit, version: Version) -> bytes:
    front = _SUBMIT[version].pack(
        pdu.msg_type,
        pdu.need_report,
        pdu.priority,
        pack_fees(pdu, version),
        pdu.msg_format,
        fit(pdu.valid_time, 17),
        fit(pdu.at_time, 17),
        fit(pdu.src_term_id, NUMBER),
        fit(pdu.charge_term_id, NUMBER),
        len(pdu.dest_term_id),
    )
    return front + fit_numbers(pdu.dest_term_id, NUMBER) + bytes([len(pdu.msg_content)]) + _rest(pdu)


def _deliver_body(pdu: Deliver, version: Version) -> bytes:
    front = _DELIVER.pack(
        fit(pdu.msg_id, ID_OCTETS),
        pdu.is_report,
        pdu.msg_format,
        fit(pdu.recv_time, 14),
        fit(pdu.src_term_id, NUMBER),
        fit(pdu.dest_term_id, NUMBER),
        len(pdu.msg_content),
    )
    return front + _rest(pdu)


def _rest(pdu: Submit | Deliver) -> bytes:
    """Returns content, reserve and parameters."""
    return pdu.msg_content + fit(pdu.reserve, RESERVE).ljust(RESERVE, b"\0") + encode_tlvs(pdu.tlvs)


def _query_front(pdu: Query | QueryResp) -> tuple[bytes, int, bytes]:
    return fit(pdu.query_time, 8), pdu.query_type, fit(pdu.query_code, 10)


_WRITERS: dict[type, tuple[Command | None, Callable[[Any, Version], bytes]]] = {
    Plain: (None, lambda p, v: b""),
    Login: (
        Command.LOGIN,
        lambda p, v: _LOGIN.pack(fit(p.client_id, 8), p.authenticator_client, p.login_mode, p.timestamp, p.client_version),
    ),
    LoginResp: (Command.LOGIN_RESP, lambda p, v: _LOGIN_RESP.pack(p.status, p.authenticator_server, p.server_version)),
    Submit: (Command.SUBMIT, _submit_body),
    SubmitResp: (Command.SUBMIT_RESP, lambda p, v: _ID_STATUS.pack(fit(p.msg_id, ID_OCTETS), p.status)),
    Deliver: (Command.DELIVER, _deliver_body),
    DeliverResp: (Command.DELIVER_RESP, lambda p, v: _ID_STATUS.pack(fit(p.msg_id, ID_OCTETS), p.status)),
    Query: (Command.QUERY, lambda p, v: _QUERY.pack(*_query_front(p))),
    QueryResp: (
        Command.QUERY_RESP,
        lambda p, v: _QUERY_RESP.pack(*_query_front(p), *p.counts) + fit(p.reserve, RESERVE).ljust(RESERVE, b"\0"),
    ),
}

encode = encoder(_WRITERS)
"""Returns the octets of one message, head included. raises: BadPdu for a value that its field cannot hold"""
