"""MM7 in octets: the SOAP envelope, and the multipart body that carries an MMS beside it.

Strict, and the same each time: elements stand in the schema's order, text parts and pictures are Base64 for 3GPP, and as they are for
China Mobile, whose boundaries are chosen so that no part contains them.
source: MM7 sheet, 1, 3, 6 and 9
"""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from hongyan.wire.mm7.pdu import (
    SCHEMAS,
    TEXTS,
    Answer,
    CancelReq,
    DeliverReq,
    Message,
    Part,
    Report,
    Schema,
    SubmitReq,
    Variant,
)

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_SMIL = "application/smil"
XML_TYPE = "text/xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Body:
    """What is posted, or answered."""

    content_type: str
    octets: bytes


def write(message: Message, variant: Variant = Variant.REL6, schema: Schema | None = None) -> Body:
    """A message as octets. schema: another than the variant's own, such as that of the request that is answered"""
    schema = schema or SCHEMAS[variant]
    if isinstance(message, Answer):
        return Body(XML_TYPE, _envelope(message.transaction_id, _answer(message, schema), schema))
    if isinstance(message, Report):
        return Body(XML_TYPE, _envelope(message.transaction_id, _report(message, schema), schema))
    if isinstance(message, CancelReq):
        return Body(XML_TYPE, _envelope(message.transaction_id, _cancel(message, variant, schema), schema))
    inside = _submit(message, variant, schema) if isinstance(message, SubmitReq) else _deliver(message, variant, schema)
    soap = _envelope(message.transaction_id, inside, schema)
    if not message.parts:
        return Body(XML_TYPE, soap)
    return _china_mobile(soap, message.parts) if variant is Variant.CHINA_MOBILE else _rel6(soap, message.parts)


# --- SOAP


def _envelope(transaction_id: str, inside: str, schema: Schema) -> bytes:
    head = f'<mm7:TransactionID xmlns:mm7={quoteattr(schema.namespace)} env:mustUnderstand="1">{_text(transaction_id)}</mm7:TransactionID>'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\r\n<env:Envelope xmlns:env="{_SOAP}"><env:Header>{head}</env:Header>'
        f"<env:Body>{inside}</env:Body></env:Envelope>"
    ).encode("utf-8", "replace")


def _element(name: str, value: str) -> str:
    """Nothing where there is no value."""
    return f"<{name}>{_text(value)}</{name}>" if value else ""


def _flag(name: str, value: bool | None) -> str:
    return "" if value is None else f"<{name}>{'true' if value else 'false'}</{name}>"


def _text(value: str) -> str:
    """What XML cannot carry is left out."""
    return escape("".join(char for char in value if char >= " " or char in "\t\n\r"))


def _message(name: str, schema: Schema, inside: str) -> str:
    return f"<{name} xmlns={quoteattr(schema.namespace)}><MM7Version>{schema.version}</MM7Version>{inside}</{name}>"


def _address(name: str, value: str, child: str) -> str:
    return f"<{name}>{_element(child, value)}</{name}>" if value else ""


def _own(name: str, value: str, variant: Variant) -> str:
    """Our own number: plain text at China Mobile."""
    return _element(name, value) if variant is Variant.CHINA_MOBILE else _address(name, value, "ShortCode")


def _submit(message: SubmitReq, variant: Variant, schema: Schema) -> str:
    to = "".join(_element("Number", number) for number in message.recipients)
    return _message("SubmitReq", schema, "".join((
        _identification(message, variant),
        f"<Recipients><To>{to}</To></Recipients>",
        _element("ServiceCode", message.service_code),
        _element("LinkedID", message.linked_id),
        _element("TimeStamp", message.timestamp),
        _element("ExpiryDate", message.expiry),
        _flag("DeliveryReport", message.delivery_report),
        _flag("ReadReply", message.read_reply),
        _element("Priority", message.priority),
        _element("Subject", message.subject),
        _element("ChargedParty", message.charged_party),
        _element("ChargedPartyID", message.charged_party_id),
        _flag("DistributionIndicator", message.distribution),
        _content(message.parts, variant),
    )))  # fmt: skip


def _identification(message: SubmitReq | CancelReq, variant: Variant) -> str:
    sender = (
        _element("VASPID", message.vaspid) + _element("VASID", message.vasid) + _own("SenderAddress", message.sender, variant)
    )
    return f"<SenderIdentification>{sender}</SenderIdentification>"


def _cancel(message: CancelReq, variant: Variant, schema: Schema) -> str:
    return _message("CancelReq", schema, _identification(message, variant) + _element("MessageID", message.message_id))


def _deliver(message: DeliverReq, variant: Variant, schema: Schema) -> str:
    to = "".join(_element("Number", number) for number in message.recipients)
    return _message("DeliverReq", schema, "".join((
        _element("MMSRelayServerID", message.relay_server_id),
        _element("VASPID", message.vaspid),
        _element("VASID", message.vasid),
        _element("LinkedID", message.linked_id),
        _address("Sender", message.sender, "Number") if variant is Variant.REL6 else _element("Sender", message.sender),
        f"<Recipients><To>{to}</To></Recipients>" if to else "",
        _element("TimeStamp", message.timestamp),
        _element("Priority", "Normal"),
        _element("Subject", message.subject),
        _content(message.parts, variant),
    )))  # fmt: skip


def _content(parts: Sequence[Part], variant: Variant) -> str:
    return '<Content href="cid:mm-content" allowAdaptations="true"/>' if parts and variant is Variant.REL6 else ""


def _report(message: Report, schema: Schema) -> str:
    return _message("ReadReplyReq" if message.is_read else "DeliveryReportReq", schema, "".join((
        _element("MMSRelayServerID", message.relay_server_id),
        _element("MessageID", message.message_id),
        _address("Recipient", message.recipient, "Number"),
        _address("Sender", message.sender, "ShortCode"),
        _element("Date", message.date),
        _element("MMStatus", message.status),
        _element("StatusText", message.status_text),
    )))  # fmt: skip


def _answer(message: Answer, schema: Schema) -> str:
    text = message.text or (TEXTS.get(message.code, ""))
    status = f"<Status><StatusCode>{message.code}</StatusCode>{_element('StatusText', text)}</Status>"
    told = _message(message.name, schema, status + _element("MessageID", message.message_id))
    if not message.name.endswith("ErrorRsp"):
        return told
    side = "Client" if 2000 <= message.code < 3000 else "Server"
    return (
        f"<env:Fault><faultcode>env:{side}</faultcode><faultstring>{side} error</faultstring>"
        f"<detail>{told}</detail></env:Fault>"
    )


# --- multipart


def _rel6(soap: bytes, parts: Sequence[Part]) -> Body:
    """The content is one part, which is a multipart itself."""
    start = next((part.name for part in parts if part.kind == _SMIL), "")
    pieces = [_rel6_part(part) for part in parts]
    inner = _free("mmInner", pieces)
    outer = _free("mmOuter", [soap, *pieces])
    related = f'multipart/related; boundary="{inner}"; start="<{start}>"; type="{_SMIL}"'
    kind = related if start else f'multipart/mixed; boundary="{inner}"'
    content = f"Content-Type: {kind}\r\nContent-ID: <mm-content>\r\n\r\n".encode() + _joined(inner, pieces)
    head = f"Content-Type: {XML_TYPE}\r\nContent-ID: <soap-start>\r\n\r\n".encode()
    content_type = f'multipart/related; boundary="{outer}"; type="text/xml"; start="<soap-start>"'
    return Body(content_type, _joined(outer, [head + soap, content]))


def _rel6_part(part: Part) -> bytes:
    charset = f"; charset={part.charset}" if part.charset else ""
    head = f"Content-Type: {part.kind}{charset}\r\nContent-ID: <{part.name}>\r\nContent-Location: {part.name}\r\n"
    if part.kind == _SMIL:
        return head.encode() + b"\r\n" + part.data
    return head.encode() + b"Content-Transfer-Encoding: base64\r\n\r\n" + b64encode(part.data)


def _china_mobile(soap: bytes, parts: Sequence[Part]) -> Body:
    """The content follows the SOAP part without being named in it; everything is raw."""
    has_show = any(part.kind == _SMIL for part in parts)
    pieces = [_china_mobile_part(part) for part in parts]
    inner = _free("SubPart_1", pieces)
    outer = _free("--NextPart_0_1", [soap, *pieces])
    related = f'multipart/related;start="<START>";type="{_SMIL}";boundary="{inner}"'
    kind = related if has_show else f'multipart/mixed;boundary="{inner}"'
    content = (
        f"Content-Type:{kind}\r\nContent-ID:<SaturnPics-01020930>\r\nContent-Transfer-Encoding:8bit\r\n\r\n".encode()
        + _joined(inner, pieces)
    )  # fmt: skip
    start = "</tnn-200102/mm7-vasp>"
    head = f'Content-Type:text/xml;charset="UTF-8"\r\nContent-Transfer-Encoding:8bit\r\nContent-ID:{start}\r\n\r\n'.encode()
    preamble = b"this is a multi-part message in MIME format\r\n\r\n\r\n"
    content_type = f'multipart/related; boundary="{outer}";type="text/xml";start="{start}"'
    return Body(content_type, preamble + _joined(outer, [head + soap, content]))


def _china_mobile_part(part: Part) -> bytes:
    if part.kind == _SMIL:
        return b"Content-Type:application/smil\r\nContent-Transfer-Encoding:8bit\r\nContent-ID:<START>\r\n\r\n" + part.data
    charset = f";charset={part.charset.upper()}" if part.charset else ""
    place = f"Content-ID:{part.name}\r\nContent-Location:{part.name}\r\n"
    head = f"Content-Type:{part.kind}{charset}\r\nContent-Transfer-Encoding:8bit\r\n{place}\r\n"
    return head.encode() + part.data


def _joined(boundary: str, pieces: Iterable[bytes]) -> bytes:
    line = f"--{boundary}".encode()
    return b"".join(b"%b\r\n%b\r\n" % (line, piece) for piece in pieces) + line + b"--\r\n"


def _free(boundary: str, pieces: Sequence[bytes]) -> str:
    """The boundary, or the first that grows out of it and stands in no part."""
    chosen, tries = boundary, 0
    while any(b"--" + chosen.encode() in piece for piece in pieces):
        tries += 1
        chosen = f"{boundary}_{tries}"
    return chosen
