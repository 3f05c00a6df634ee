"""PDUs for people: octets explained field by field. Secrets are never shown; phones and texts only if they are asked for."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields
from enum import Enum

from hongyan.wire.cmpp import pdu as cmpp
from hongyan.wire.cmpp.report import decode_report
from hongyan.wire.cmpp.state import CmppState
from hongyan.wire.frame import BadPdu, FrameBroken, Framer, octets_of
from hongyan.wire.sgip import pdu as sgip
from hongyan.wire.sgip.state import SgipState
from hongyan.wire.smgp import codec as smgp_codec
from hongyan.wire.smgp import pdu as smgp
from hongyan.wire.smgp.report import decode_report as decode_smgp_report
from hongyan.wire.smgp.state import SmgpState
from hongyan.wire.smpp import pdu as smpp
from hongyan.wire.smpp.pdu import is_for_display
from hongyan.wire.smpp.report import read_receipt
from hongyan.wire.smpp.state import SmppState
from hongyan.wire.state import Pdu, ProtocolState
from hongyan.wire.text import decode, is_class_0, split_user_data
from hongyan.wire.tlv import read_number

Described = dict[str, object]
"""`pdu`, then its fields by the specification's names; `unreadable` if they cannot be read."""

_SECRETS = {
    "password",
    "login_password",
    "authenticator_source",
    "authenticator_client",
    "authenticator_ismg",
    "authenticator_server",
}
_HIDDEN = "***"
_PHONES = {
    "dest_terminal_id", "src_terminal_id", "fee_terminal_id", "src_term_id", "dest_term_id", "charge_term_id", "user_number",
    "charge_number", "source_addr", "destination_addr", "dest_address", "unsuccess",
}  # fmt: skip
_TEXTS = {"msg_content": "msg_fmt", "message_content": "message_coding", "short_message": "data_coding"}
"""The field of a text → that of its coding; SMGP calls it msg_format."""

_SEQUENCES = {"seq", "submit_sequence_number"}
"""Numbers of twelve octets in SGIP, which JSON numbers cannot hold."""

PROTOCOLS = ("cmpp2", "cmpp3", "smgp", "sgip", "smpp")


def state_named(protocol: str) -> ProtocolState:
    """Returns a state to read with, which knows no secret."""
    match protocol:
        case "cmpp2":
            return CmppState(cmpp.Version.V20)
        case "cmpp3":
            return CmppState(cmpp.Version.V30)
        case "smgp":
            return SmgpState(smgp.Version.V30)
        case "sgip":
            return SgipState(node=0)
        case _:
            return SmppState()


class Reader:
    """Reads one direction of one connection, in pieces of any size."""

    def __init__(self, protocol_state: ProtocolState, *, clear: bool = False, with_octets: bool = False) -> None:
        """protocol_state: of the connection, which may speak another version than its channel wants; or of `state_named`
        clear:       whether phones and texts stand in clear; otherwise numbers are masked and texts are replaced by their length
        with_octets: whether each PDU has its octets too, unless a secret is in it
        """
        self._protocol_state = protocol_state
        self._framer = Framer(self._protocol_state.head_octets, self._protocol_state.frame_most)
        self._clear, self._with_octets = clear, with_octets
        self._is_broken = False
        self.unread = 0
        """Octets behind the last whole PDU."""

    def feed(self, octets: bytes) -> list[Described]:
        """Returns the PDUs that these octets complete; nothing more after octets that are no PDU."""
        if self._is_broken:
            return []
        found: list[Described] = []
        self.unread += len(octets)
        try:
            for frame in self._framer.feed(octets):
                self.unread -= self._protocol_state.head_octets + len(frame[3])
                described = _described(self._protocol_state, *frame, clear=self._clear)
                if self._with_octets and _HIDDEN not in described.values():
                    described["octets"] = octets_of(frame, self._protocol_state.head_octets).hex()
                found.append(described)
        except FrameBroken as broken:
            self._is_broken = True
            found.append({"pdu": "?", "unreadable": str(broken)})
        return found


def read_octets(octets: bytes, protocol: str, *, clear: bool = False) -> list[Described]:
    """Returns all PDUs of some octets, in order. The octets behind the last whole one are counted as `rest`."""
    reader = Reader(state_named(protocol), clear=clear)
    found = reader.feed(octets)
    is_cut = reader.unread and not (found and "unreadable" in found[-1] and found[-1]["pdu"] == "?")
    return [*found, {"pdu": "?", "rest": reader.unread}] if is_cut else found


def fitting(octets: bytes) -> dict[str, list[Described]]:
    """Returns the protocols in which these octets make sense from the first to the last, with their PDUs."""
    readings = {protocol: read_octets(octets, protocol, clear=True) for protocol in PROTOCOLS}
    return {protocol: found for protocol, found in readings.items() if all(_is_sound(one) for one in found)}


def _is_sound(one: Described) -> bool:
    return not {"unreadable", "rest"} & one.keys()


def _described(protocol_state: ProtocolState, command: int, status: int, seq: int, body: bytes, *, clear: bool) -> Described:
    shown_seq = sgip.sequence_name(seq) if isinstance(protocol_state, SgipState) else seq
    if command not in protocol_state.kinds:
        return {"pdu": f"0x{command:08X}", "unreadable": "no such command", "sequence": shown_seq}
    try:
        pdu = _submit_of_smgp(seq, body) if command == smgp.Command.SUBMIT and isinstance(protocol_state, SmgpState) else None
        pdu = pdu or protocol_state.decode(command, status, seq, body)
    except BadPdu as bad:
        return {"pdu": f"0x{command:08X}", "unreadable": str(bad), "sequence": shown_seq}
    return {"pdu": _name(pdu)} | dict(_fields(pdu, clear=clear)) | _flash(pdu) | _report(pdu)


def _flash(pdu: Pdu) -> Described:
    """Returns a field for texts that the handset shows at once and does not keep."""
    codings = [getattr(pdu, name, 0) for name in (*_TEXTS.values(), "msg_format")]
    is_said_beside = isinstance(pdu, smpp.Sm | smpp.DataSm) and is_for_display(pdu.tlvs)
    return {"flash": True} if is_said_beside or any(map(is_class_0, codings)) else {}


def _submit_of_smgp(seq: int, body: bytes) -> Pdu | None:
    """Returns the submit in the version, 3.0 or 1.3, that would write the same octets; None if neither would."""
    for version in (smgp.Version.V30, smgp.Version.V13):
        with suppress(BadPdu):
            pdu = smgp_codec.decode(smgp.Command.SUBMIT, seq, body, version)
            if smgp_codec.encode(pdu, version)[smgp.HEAD_OCTETS :] == body:
                return pdu
    return None


def _name(pdu: Pdu) -> str:
    command = getattr(pdu, "command", None)
    return command.name if isinstance(command, Enum) else type(pdu).__name__


def _fields(pdu: Pdu, *, clear: bool) -> Iterator[tuple[str, object]]:
    for field in fields(pdu):
        value = getattr(pdu, field.name)
        if field.name == "command" or value == b"":  # its name stands above already; it is empty
            continue
        if field.name in _SECRETS:
            yield field.name, _HIDDEN
        elif field.name in _TEXTS and clear:
            header, content = _parted(pdu, value)
            yield field.name, decode(content, getattr(pdu, _TEXTS[field.name], getattr(pdu, "msg_format", 0)))
            if header:
                yield "user_data_header", header.hex()
        elif field.name in _TEXTS:
            yield field.name, f"({len(value)} octets)"
        elif field.name == "tlvs":
            yield from (
                (f"tlv 0x{tag:04X}", octets.hex() if clear else f"({len(octets)} octets)") for tag, octets in value.items()
            )
        elif field.name in _SEQUENCES and isinstance(pdu, sgip.Pdu):
            yield field.name, sgip.sequence_name(value)
        elif field.name in _PHONES and not clear:
            yield field.name, _masked(value)
        else:
            yield field.name, value.hex() if isinstance(value, bytes) else _plain(value)


def _plain(value: object) -> object:
    if isinstance(value, smpp.Address | smpp.Unsuccess):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, sgip.TraceNode):
        found = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: one.hex() if isinstance(one, bytes) else one for name, one in found.items() if one != b""}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _masked(value: object) -> object:
    """Returns a number with its middle hidden, as everywhere."""
    if isinstance(value, tuple):
        return [_masked(one) for one in value]
    if isinstance(value, smpp.Address | smpp.Unsuccess):
        return {field.name: getattr(value, field.name) for field in fields(value)} | {"addr": _masked(value.addr)}
    if not isinstance(value, str):
        return "***"
    return f"{value[:3]}****{value[-4:]}" if len(value) > 7 else value


def _parted(pdu: Pdu, content: bytes) -> tuple[bytes, bytes]:
    """Returns the user data header, if the PDU says that there is one, and what follows it."""
    if isinstance(pdu, smgp.Submit | smgp.Deliver):
        has_header = bool(read_number(pdu.tlvs, smgp.Tag.TP_UDHI))
    else:
        has_header = bool(getattr(pdu, "tp_udhi", 0) or getattr(pdu, "esm_class", 0) & smpp.UDHI)
    return split_user_data(content, has_header=has_header)[1:]


def _report(pdu: Pdu) -> Described:
    """Returns the id and the word of a status report that is a text."""
    try:
        if isinstance(pdu, cmpp.Deliver) and pdu.registered_delivery == 1:
            report = decode_report(pdu.msg_content)
            return {"report": f"{report.msg_id} {report.stat}"}
        if isinstance(pdu, smgp.Deliver) and pdu.is_report:
            found = decode_smgp_report(pdu.msg_content)
            return {"report": f"{found.msg_id.hex()} {found.stat}"}
        if isinstance(pdu, smpp.Sm | smpp.DataSm) and (receipt := read_receipt(pdu)):
            return {"report": f"{receipt.id_tlv or receipt.id_text} {receipt.stat}"}
    except BadPdu as bad:
        return {"report": f"unreadable: {bad}"}
    return {}
