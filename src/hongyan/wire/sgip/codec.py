"""SGIP 1.2: reading and writing the messages of `wire/sgip/pdu`.

Numbers are big-endian and unsigned, texts of fixed width and padded with NUL. Texts are read as Latin-1, cut at the first
NUL, blanks stripped. What stands behind the known fields is ignored; a reserve at the end may be missing.
"""

import struct
from collections.abc import Callable
from functools import partial
from struct import Struct
from typing import Any

from hongyan.wire.fields import fit, fit_numbers, read_numbers, read_text
from hongyan.wire.frame import BadPdu
from hongyan.wire.sgip.pdu import Bind, Command, Deliver, Pdu, Plain, Report, Resp, Submit, Trace, TraceNode, TraceResp, UserRpt

HEAD = Struct(">II12s")
_RESERVE = 8
_BIND = Struct(">B16s16s")
_RESP = Struct(">B8s")
_SUBMIT_FRONT = Struct(">21s21sB")  # SPNumber, ChargeNumber, UserCount
_SUBMIT_REST = Struct(">5s10sB6s6sBBB16s16sBBBBBI")  # CorpId to MessageLength
_DELIVER = Struct(">21s21sBBBI")
_REPORT = Struct(">12sB21sBB")
_USER_RPT = Struct(">21s21sB")
_TRACE = Struct(">12s21s")
_TRACE_NODE = Struct(">B6s16s16s8s")
_NUMBER = 21


def head(length: int, command: int, seq: int) -> bytes:
    return HEAD.pack(length, command, seq.to_bytes(12, "big"))


# --- reading -----------------------------------------------------------------------------------------------------------


def decode(command: int, seq: int, body: bytes) -> Pdu:
    """Read what follows a head.

    raises: BadPdu for a body that is too short for its fields, or a command that SP and SMG do not exchange
    """
    reader = _READERS.get(command)
    if reader is None:
        raise BadPdu(f"command {command:#010x}", seq, "unknown")
    try:
        return reader(seq, body)
    except struct.error as short:
        raise BadPdu(Command(command).name, seq, f"{len(body)} octets of body: {short}") from None


def _reserve(body: bytes, at: int) -> bytes:
    return body[at : at + _RESERVE].rstrip(b"\0")


def _bind(seq: int, body: bytes) -> Bind:
    kind, name, password = _BIND.unpack_from(body)
    return Bind(seq, kind, read_text(name), read_text(password), _reserve(body, _BIND.size))


def read_result(body: bytes) -> int:
    """Returns the result of an answer, whose reserve may be missing. raises: BadPdu if there is none"""
    if not body:
        raise BadPdu("RESP", 0, "no octet of body")
    return body[0]


def _resp(command: Command, seq: int, body: bytes) -> Resp:
    return Resp(seq, command, read_result(body), _reserve(body, 1))


def _submit(seq: int, body: bytes) -> Submit:
    source, payer, count = _SUBMIT_FRONT.unpack_from(body)
    first = _SUBMIT_FRONT.size
    at = first + _NUMBER * count
    rest = _SUBMIT_REST.unpack_from(body, at)
    corp, service, fee_type, fee, given, agent, related, priority = rest[:8]
    expires, scheduled, report, pid, udhi, coding, kind, size = rest[8:]
    content, reserve = _content("SUBMIT", seq, body, at + _SUBMIT_REST.size, size)
    numbers = read_numbers(body[first : first + _NUMBER * count], _NUMBER)
    return Submit(
        seq=seq,
        sp_number=read_text(source),
        user_number=numbers,
        message_content=content,
        message_coding=coding,
        tp_udhi=udhi,
        charge_number=read_text(payer),
        corp_id=read_text(corp),
        service_type=read_text(service),
        fee_type=fee_type,
        fee_value=read_text(fee),
        given_value=read_text(given),
        agent_flag=agent,
        morelateto_mt_flag=related,
        priority=priority,
        expire_time=read_text(expires),
        schedule_time=read_text(scheduled),
        report_flag=report,
        tp_pid=pid,
        message_type=kind,
        reserve=reserve,
    )


def _content(name: str, seq: int, body: bytes, start: int, size: int) -> tuple[bytes, bytes]:
    """Returns content of so many octets, and the reserve behind it without its padding."""
    end = start + size
    if end > len(body):
        raise BadPdu(name, seq, f"{size} octets of content announced, {len(body) - start} there")
    return body[start:end], _reserve(body, end)


def _deliver(seq: int, body: bytes) -> Deliver:
    number, dest, pid, udhi, coding, size = _DELIVER.unpack_from(body)
    content, reserve = _content("DELIVER", seq, body, _DELIVER.size, size)
    return Deliver(
        seq=seq,
        user_number=read_text(number),
        sp_number=read_text(dest),
        message_content=content,
        message_coding=coding,
        tp_udhi=udhi,
        tp_pid=pid,
        reserve=reserve,
    )


def _report(seq: int, body: bytes) -> Report:
    about, kind, number, state, code = _REPORT.unpack_from(body)
    return Report(
        seq=seq,
        submit_sequence_number=int.from_bytes(about, "big"),
        user_number=read_text(number),
        state=state,
        error_code=code,
        report_type=kind,
        reserve=_reserve(body, _REPORT.size),
    )


def _user_rpt(seq: int, body: bytes) -> UserRpt:
    dest, number, condition = _USER_RPT.unpack_from(body)
    return UserRpt(seq, read_text(dest), read_text(number), condition, _reserve(body, _USER_RPT.size))


def _trace(seq: int, body: bytes) -> Trace:
    about, number = _TRACE.unpack_from(body)
    return Trace(seq, int.from_bytes(about, "big"), read_text(number), _reserve(body, _TRACE.size))


def _trace_resp(seq: int, body: bytes) -> TraceResp:
    if not body:
        raise BadPdu("TRACE_RESP", seq, "no octet of body")
    found = (_TRACE_NODE.unpack_from(body, 1 + place * _TRACE_NODE.size) for place in range(body[0]))
    return TraceResp(
        seq,
        tuple(
            TraceNode(result, read_text(node), read_text(received), read_text(sent), reserve.rstrip(b"\0"))
            for result, node, received, sent, reserve in found
        ),
    )


def _plain(command: Command, seq: int, body: bytes) -> Plain:
    return Plain(seq, command)


_ANSWERS = (Command.BIND_RESP, Command.SUBMIT_RESP, Command.DELIVER_RESP, Command.REPORT_RESP, Command.USER_RPT_RESP)
_READERS: dict[int, Callable[[int, bytes], Pdu]] = {
    Command.BIND: _bind,
    Command.SUBMIT: _submit,
    Command.DELIVER: _deliver,
    Command.REPORT: _report,
    Command.USER_RPT: _user_rpt,
    Command.TRACE: _trace,
    Command.TRACE_RESP: _trace_resp,
    **{command: partial(_resp, command) for command in _ANSWERS},
    **{command: partial(_plain, command) for command in (Command.UNBIND, Command.UNBIND_RESP)},
}

# --- writing -----------------------------------------------------------------------------------------------------------


def encode(pdu: Pdu) -> bytes:
    """Returns the octets of one message, head included.

    raises: BadPdu for a value that its field cannot hold
    """
    try:
        if isinstance(pdu, Resp | Plain):
            command: int = pdu.command
            body = _RESP.pack(pdu.result, fit(pdu.reserve, _RESERVE)) if isinstance(pdu, Resp) else b""
        elif isinstance(pdu, TraceResp):
            command, body = Command.TRACE_RESP, _trace_resp_body(pdu)
        else:
            command, write = _WRITERS[type(pdu)]
            body = write(pdu) + fit(pdu.reserve, _RESERVE).ljust(_RESERVE, b"\0")
        return head(HEAD.size + len(body), command, pdu.seq) + body
    except (struct.error, ValueError, OverflowError) as unfit:
        raise BadPdu(type(pdu).__name__, pdu.seq, str(unfit)) from None


def _submit_body(pdu: Submit) -> bytes:
    numbers = fit_numbers(pdu.user_number, _NUMBER)
    front = _SUBMIT_FRONT.pack(fit(pdu.sp_number, 21), fit(pdu.charge_number, 21), len(pdu.user_number))
    rest = _SUBMIT_REST.pack(
        fit(pdu.corp_id, 5),
        fit(pdu.service_type, 10),
        pdu.fee_type,
        fit(pdu.fee_value, 6),
        fit(pdu.given_value, 6),
        pdu.agent_flag,
        pdu.morelateto_mt_flag,
        pdu.priority,
        fit(pdu.expire_time, 16),
        fit(pdu.schedule_time, 16),
        pdu.report_flag,
        pdu.tp_pid,
        pdu.tp_udhi,
        pdu.message_coding,
        pdu.message_type,
        len(pdu.message_content),
    )
    return front + numbers + rest + pdu.message_content


def _deliver_body(pdu: Deliver) -> bytes:
    front = _DELIVER.pack(
        fit(pdu.user_number, 21), fit(pdu.sp_number, 21), pdu.tp_pid, pdu.tp_udhi, pdu.message_coding, len(pdu.message_content)
    )
    return front + pdu.message_content


def _report_body(pdu: Report) -> bytes:
    about = pdu.submit_sequence_number.to_bytes(12, "big")
    return _REPORT.pack(about, pdu.report_type, fit(pdu.user_number, 21), pdu.state, pdu.error_code)


def _trace_resp_body(pdu: TraceResp) -> bytes:
    return bytes((len(pdu.nodes),)) + b"".join(
        _TRACE_NODE.pack(
            node.result, fit(node.node_id, 6), fit(node.receive_time, 16), fit(node.send_time, 16), fit(node.reserve, _RESERVE)
        )
        for node in pdu.nodes
    )


_WRITERS: dict[type, tuple[Command, Callable[[Any], bytes]]] = {
    Bind: (Command.BIND, lambda p: _BIND.pack(p.login_type, fit(p.login_name, 16), fit(p.login_password, 16))),
    Submit: (Command.SUBMIT, _submit_body),
    Deliver: (Command.DELIVER, _deliver_body),
    Report: (Command.REPORT, _report_body),
    Trace: (Command.TRACE, lambda p: _TRACE.pack(p.submit_sequence_number.to_bytes(12, "big"), fit(p.user_number, _NUMBER))),
    UserRpt: (Command.USER_RPT, lambda p: _USER_RPT.pack(fit(p.sp_number, 21), fit(p.user_number, 21), p.user_condition)),
}
