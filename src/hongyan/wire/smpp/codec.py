"""SMPP 3.4: reading and writing the messages of `wire/smpp/pdu`."""

import re
import struct
from collections.abc import Callable
from functools import partial
from struct import Struct
from typing import Any

from hongyan.wire.frame import BadPdu
from hongyan.wire.smpp.pdu import (
    ANSWER,
    BINDS,
    Address,
    Bind,
    BindResp,
    CancelSm,
    Command,
    DataSm,
    Pdu,
    Plain,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    Sm,
    SmResp,
    SubmitMulti,
    SubmitMultiResp,
    Unsuccess,
)
from hongyan.wire.tlv import decode_tlvs, encode_tlvs

HEAD = Struct(">IIII")
_CODE = Struct(">I")
_SME, _LIST = 1, 2  # dest_flag of submit_multi
_TEXT = rb"([^\0]*)\0"
_SM = re.compile(
    _TEXT
    + rb"(..)"
    + _TEXT
    + rb"(..)"
    + _TEXT  # service_type; type, plan and address of either end
    + rb"(...)"
    + _TEXT
    + _TEXT
    + rb"(.....)",  # esm_class to priority; schedule and validity; registered_delivery to sm_length
    re.DOTALL,
)

# --- reading -----------------------------------------------------------------------------------------------------------


def decode(command: int, status: int, seq: int, body: bytes) -> Pdu:
    """Read what follows a head.

    raises: BadPdu for a request whose body ends inside a field, or for a command that SMPP 3.4 does not have
    """
    reader = _READERS.get(command)
    if reader is None:
        raise BadPdu(f"command {command:#010x}", seq, "unknown")
    try:
        return reader(status, seq, body)
    except (IndexError, ValueError, struct.error):
        raise BadPdu(Command(command).name, seq, f"the body of {len(body)} octets ends inside a field") from None


class _Reader:
    """Takes fields off the front of a body. raises: IndexError or ValueError beyond its end"""

    __slots__ = ("at", "octets")

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self.at = 0

    def text(self) -> str:
        start = self.at
        end = self.octets.index(0, start)
        self.at = end + 1
        return self.octets[start:end].decode("latin-1")

    def number(self) -> int:
        self.at += 1
        return self.octets[self.at - 1]

    def take(self, size: int) -> bytes:
        start = self.at
        if start + size > len(self.octets):
            raise IndexError(size)
        self.at = start + size
        return self.octets[start : self.at]

    def last_text(self) -> str:
        """Returns a C-string of an answer: its NUL, or all of it, may be missing."""
        found, nul, _ = self.octets[self.at :].partition(b"\0")
        self.at += len(found) + len(nul)
        return found.decode("latin-1").strip()

    def tlvs(self) -> dict[int, bytes]:
        return decode_tlvs(self.octets, self.at)


def _bind(command: Command, status: int, seq: int, body: bytes) -> Bind:
    r = _Reader(body)
    return Bind(
        seq=seq,
        command=command,
        system_id=r.text(),
        password=r.text(),
        system_type=r.text(),
        interface_version=r.number(),
        addr_ton=r.number(),
        addr_npi=r.number(),
        address_range=r.last_text(),
    )


def _bind_resp(command: Command, status: int, seq: int, body: bytes) -> BindResp:
    r = _Reader(body)
    return BindResp(seq, command, status, r.last_text(), r.tlvs())


def _sm(command: Command, status: int, seq: int, body: bytes) -> Sm:
    """Reads by one pattern, not by `_Reader`, and sets fields one by one, since ten thousand of these messages come a second."""
    found = _SM.match(body)
    if found is None:
        raise ValueError
    service, source_type, source, dest_type, dest, kind, schedule, validity, flags = found.groups()
    registered, replace, coding, default, size = flags
    start = found.end()
    end = start + size
    if end > len(body):
        raise BadPdu(command.name, seq, f"short_message of {size} octets, {len(body) - start} there")
    sm = Sm(seq, command, source.decode("latin-1"), dest.decode("latin-1"), body[start:end], coding)
    sm.esm_class, sm.protocol_id, sm.priority_flag = kind
    sm.registered_delivery, sm.replace_if_present_flag, sm.sm_default_msg_id = registered, replace, default
    sm.source_addr_ton, sm.source_addr_npi = source_type
    sm.dest_addr_ton, sm.dest_addr_npi = dest_type
    sm.service_type = service.decode("latin-1")
    sm.schedule_delivery_time, sm.validity_period = schedule.decode("latin-1"), validity.decode("latin-1")
    if end < len(body):
        sm.tlvs = decode_tlvs(body, end)
    return sm


def _sm_resp(command: Command, status: int, seq: int, body: bytes) -> SmResp:
    message_id, _, rest = body.partition(b"\0")
    return SmResp(seq, command, status, message_id.decode("latin-1").strip(), decode_tlvs(rest, 0) if rest else {})


def read_message_id(body: bytes) -> str:
    """Returns the id in the body of an answer; its NUL, or the whole body, may be missing."""
    return body.partition(b"\0")[0].decode("latin-1").strip()


def _data_sm(status: int, seq: int, body: bytes) -> DataSm:
    r = _Reader(body)
    service, source_ton, source_npi, source = r.text(), r.number(), r.number(), r.text()
    dest_ton, dest_npi, dest = r.number(), r.number(), r.text()
    esm_class, registered, coding = r.take(3)
    return DataSm(
        seq=seq,
        source_addr=source,
        destination_addr=dest,
        data_coding=coding,
        esm_class=esm_class,
        registered_delivery=registered,
        source_addr_ton=source_ton,
        source_addr_npi=source_npi,
        dest_addr_ton=dest_ton,
        dest_addr_npi=dest_npi,
        service_type=service,
        tlvs=r.tlvs(),
    )


def _submit_multi(status: int, seq: int, body: bytes) -> SubmitMulti:
    r = _Reader(body)
    service, ton, npi, source = r.text(), r.number(), r.number(), r.text()
    dests = tuple(_dest(r) for _ in range(r.number()))
    esm_class, pid, priority = r.take(3)
    schedule, validity = r.text(), r.text()
    registered, replace, coding, default, size = r.take(5)
    message = r.take(size)
    return SubmitMulti(
        seq=seq,
        source_addr=source,
        dest_address=dests,
        short_message=message,
        data_coding=coding,
        esm_class=esm_class,
        registered_delivery=registered,
        source_addr_ton=ton,
        source_addr_npi=npi,
        service_type=service,
        protocol_id=pid,
        priority_flag=priority,
        schedule_delivery_time=schedule,
        validity_period=validity,
        replace_if_present_flag=replace,
        sm_default_msg_id=default,
        tlvs=r.tlvs(),
    )


def _dest(r: _Reader) -> Address:
    if r.number() == _LIST:
        return Address(r.text(), is_list=True)
    ton, npi = r.number(), r.number()
    return Address(r.text(), ton, npi)


def _submit_multi_resp(status: int, seq: int, body: bytes) -> SubmitMultiResp:
    r = _Reader(body)
    message_id = r.last_text()
    count = r.number() if r.at < len(body) else 0
    return SubmitMultiResp(seq, status, message_id, tuple(_unsuccess(r) for _ in range(count)))


def _unsuccess(r: _Reader) -> Unsuccess:
    ton, npi, addr = r.number(), r.number(), r.text()
    return Unsuccess(addr, ton, npi, _CODE.unpack(r.take(4))[0])


def _query_sm(status: int, seq: int, body: bytes) -> QuerySm:
    r = _Reader(body)
    message_id, ton, npi, addr = r.text(), r.number(), r.number(), r.text()
    return QuerySm(seq, message_id, addr, ton, npi)


def _query_sm_resp(status: int, seq: int, body: bytes) -> QuerySmResp:
    r = _Reader(body)
    message_id, date, rest = r.last_text(), r.last_text(), body[r.at : r.at + 2].ljust(2, b"\0")
    return QuerySmResp(seq, status, message_id, date, *rest)


def _cancel_sm(status: int, seq: int, body: bytes) -> CancelSm:
    r = _Reader(body)
    service, message_id, source_ton, source_npi, source = r.text(), r.text(), r.number(), r.number(), r.text()
    dest_ton, dest_npi, dest = r.number(), r.number(), r.text()
    return CancelSm(
        seq=seq,
        message_id=message_id,
        source_addr=source,
        destination_addr=dest,
        source_addr_ton=source_ton,
        source_addr_npi=source_npi,
        dest_addr_ton=dest_ton,
        dest_addr_npi=dest_npi,
        service_type=service,
    )


def _replace_sm(status: int, seq: int, body: bytes) -> ReplaceSm:
    r = _Reader(body)
    message_id, ton, npi, source, at, until = r.text(), r.number(), r.number(), r.text(), r.text(), r.text()
    registered, default, size = r.number(), r.number(), r.number()
    return ReplaceSm(
        seq=seq,
        message_id=message_id,
        source_addr=source,
        short_message=r.take(size),
        registered_delivery=registered,
        schedule_delivery_time=at,
        validity_period=until,
        source_addr_ton=ton,
        source_addr_npi=npi,
        sm_default_msg_id=default,
    )


def _plain(command: Command, status: int, seq: int, body: bytes) -> Plain:
    return Plain(seq, command, status, body)


_READERS: dict[int, Callable[[int, int, bytes], Pdu]] = {
    **{command: partial(_plain, command) for command in Command},
    **{command: partial(_bind, command) for command in BINDS},
    **{command: partial(_bind_resp, command) for command in Command if command ^ ANSWER in BINDS},
    Command.SUBMIT_SM: partial(_sm, Command.SUBMIT_SM),
    Command.DELIVER_SM: partial(_sm, Command.DELIVER_SM),
    Command.SUBMIT_SM_RESP: partial(_sm_resp, Command.SUBMIT_SM_RESP),
    Command.DELIVER_SM_RESP: partial(_sm_resp, Command.DELIVER_SM_RESP),
    Command.DATA_SM_RESP: partial(_sm_resp, Command.DATA_SM_RESP),
    Command.DATA_SM: _data_sm,
    Command.SUBMIT_MULTI: _submit_multi,
    Command.SUBMIT_MULTI_RESP: _submit_multi_resp,
    Command.QUERY_SM: _query_sm,
    Command.QUERY_SM_RESP: _query_sm_resp,
    Command.CANCEL_SM: _cancel_sm,
    Command.REPLACE_SM: _replace_sm,
}

# --- writing -----------------------------------------------------------------------------------------------------------


def encode(pdu: Pdu) -> bytes:
    """Returns the octets of one message, head included. An answer that refuses has no body.

    raises: BadPdu for a value that its field cannot hold
    """
    command, write = _WRITERS[type(pdu)]
    status = getattr(pdu, "status", 0)
    try:
        body = write(pdu) if not status or isinstance(pdu, Plain) else b""
        return HEAD.pack(HEAD.size + len(body), command or pdu.command, status, pdu.seq) + body  # type: ignore[union-attr]
    except (ValueError, struct.error) as unfit:
        raise BadPdu(type(pdu).__name__, pdu.seq, str(unfit)) from None


def c_string(text: str, most: int) -> bytes:
    """Returns a text and its NUL. raises: ValueError if both together exceed `most` octets, or the text contains a NUL"""
    if not text:
        return b"\0"
    octets = text.encode("latin-1", "replace")
    if len(octets) >= most or 0 in octets:
        raise ValueError(f"{len(octets)} octets and a NUL for a field of {most}")
    return octets + b"\0"


def _bind_body(p: Bind) -> bytes:
    return (
        c_string(p.system_id, 16)
        + c_string(p.password, 9)
        + c_string(p.system_type, 13)
        + bytes((p.interface_version, p.addr_ton, p.addr_npi))
        + c_string(p.address_range, 41)
    )


def _address(ton: int, npi: int, addr: str, most: int = 21) -> bytes:
    return bytes((ton, npi)) + c_string(addr, most)


def _message(p: Sm | SubmitMulti) -> bytes:
    """Returns the fields from esm_class to the end, which submit_sm and submit_multi share."""
    times = c_string(p.schedule_delivery_time, 17) + c_string(p.validity_period, 17)
    flags = bytes((p.registered_delivery, p.replace_if_present_flag, p.data_coding, p.sm_default_msg_id, len(p.short_message)))
    front = bytes((p.esm_class, p.protocol_id, p.priority_flag)) + times + flags + p.short_message
    return front + encode_tlvs(p.tlvs) if p.tlvs else front


def _sm_body(p: Sm) -> bytes:
    return (
        c_string(p.service_type, 6)
        + _address(p.source_addr_ton, p.source_addr_npi, p.source_addr)
        + _address(p.dest_addr_ton, p.dest_addr_npi, p.destination_addr)
        + _message(p)
    )


def _data_body(p: DataSm) -> bytes:
    return (
        c_string(p.service_type, 6)
        + _address(p.source_addr_ton, p.source_addr_npi, p.source_addr, 65)
        + _address(p.dest_addr_ton, p.dest_addr_npi, p.destination_addr, 65)
        + bytes((p.esm_class, p.registered_delivery, p.data_coding))
        + encode_tlvs(p.tlvs)
    )


def _multi_body(p: SubmitMulti) -> bytes:
    dests = b"".join(
        bytes((_LIST,)) + c_string(d.addr, 21) if d.is_list else bytes((_SME,)) + _address(d.ton, d.npi, d.addr)
        for d in p.dest_address
    )
    source = _address(p.source_addr_ton, p.source_addr_npi, p.source_addr)
    return c_string(p.service_type, 6) + source + bytes((len(p.dest_address),)) + dests + _message(p)


def _multi_resp_body(p: SubmitMultiResp) -> bytes:
    failed = b"".join(_address(u.ton, u.npi, u.addr) + _CODE.pack(u.error_status_code) for u in p.unsuccess)
    return c_string(p.message_id, 65) + bytes((len(p.unsuccess),)) + failed


def _query_body(p: QuerySm) -> bytes:
    return c_string(p.message_id, 65) + _address(p.source_addr_ton, p.source_addr_npi, p.source_addr)


def _query_resp_body(p: QuerySmResp) -> bytes:
    return c_string(p.message_id, 65) + c_string(p.final_date, 17) + bytes((p.message_state, p.error_code))


def _cancel_body(p: CancelSm) -> bytes:
    return (
        c_string(p.service_type, 6)
        + c_string(p.message_id, 65)
        + _address(p.source_addr_ton, p.source_addr_npi, p.source_addr)
        + _address(p.dest_addr_ton, p.dest_addr_npi, p.destination_addr)
    )


def _replace_body(p: ReplaceSm) -> bytes:
    times = c_string(p.schedule_delivery_time, 17) + c_string(p.validity_period, 17)
    flags = bytes((p.registered_delivery, p.sm_default_msg_id, len(p.short_message)))
    source = _address(p.source_addr_ton, p.source_addr_npi, p.source_addr)
    return c_string(p.message_id, 65) + source + times + flags + p.short_message


_WRITERS: dict[type, tuple[Command | None, Callable[[Any], bytes]]] = {
    Bind: (None, _bind_body),
    BindResp: (None, lambda p: c_string(p.system_id, 16) + encode_tlvs(p.tlvs)),
    Sm: (None, _sm_body),
    SmResp: (None, lambda p: c_string(p.message_id, 65) + encode_tlvs(p.tlvs)),
    DataSm: (Command.DATA_SM, _data_body),
    SubmitMulti: (Command.SUBMIT_MULTI, _multi_body),
    SubmitMultiResp: (Command.SUBMIT_MULTI_RESP, _multi_resp_body),
    QuerySm: (Command.QUERY_SM, _query_body),
    QuerySmResp: (Command.QUERY_SM_RESP, _query_resp_body),
    CancelSm: (Command.CANCEL_SM, _cancel_body),
    ReplaceSm: (Command.REPLACE_SM, _replace_body),
    Plain: (None, lambda p: p.body),
}
