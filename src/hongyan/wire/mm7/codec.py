"""MM7 to and from octets: the SOAP envelope, and beside it the content of an MMS (mime.py).

Elements are read by their local names, whatever their namespace, prefix and order. The XML is decoded here and passed to a
parser that expands nothing; a document type is refused unread. Writing is strict and always the same: elements stand in the
schema's order.
source: MM7 sheet, 1, 3, 6, 7, 8 and 9
"""

from codecs import BOM_UTF8
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from hongyan.wire.mm7.mime import (
    XML_TYPE,
    BadMime,
    Body,
    Entity,
    china_mobile_body,
    kind_of,
    leaves,
    parameters,
    read_parts,
    rel6_body,
)
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
    Status,
    SubmitReq,
    Variant,
)
from hongyan.xml import BadXml, Element, local_name, parse_text
from hongyan.xml import decode as decode_xml

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_ROUND = b" \t\r\n" + BOM_UTF8
XML_OCTETS = 256 * 1024
FAULT = "Fault"
"""The name of an answer that is a SOAP fault and nothing of MM7."""

_MOST_RECIPIENTS = 1_000


class BadMm7(ValueError):
    """A message that cannot be read. `code` is the status that says so; `request` is the request, as far as it is known."""

    def __init__(self, what: str, code: int = Status.FORMAT_CORRUPT, request: str = "", transaction_id: str = "") -> None:
        super().__init__(what)
        self.code, self.request, self.transaction_id = code, request, transaction_id


def decode(content_type: str, octets: bytes) -> tuple[Message, Schema]:
    """Reads a message; returns it with the schema that its answer has to use. raises: BadMm7"""
    try:
        soap, others = _entities(content_type, octets)
        envelope = _root(soap)
    except BadMime as fault:
        raise BadMm7(str(fault)) from fault
    transaction_id = _find(envelope, "TransactionID")
    message = _inside(envelope)
    name = local_name(message)
    schema = Schema(_namespace(message), _find(message, "MM7Version") or Schema().version)
    if name.endswith(("Rsp", FAULT)):
        return _decode_answer(message, name, transaction_id, _code_of_fault(envelope)), schema
    try:
        return _decode_request(message, name, transaction_id, others), schema
    except BadMime as fault:
        raise BadMm7(str(fault), request=name, transaction_id=transaction_id) from fault


def _entities(content_type: str, octets: bytes) -> tuple[Entity, list[Entity]]:
    """Returns the SOAP part, and the parts beside it. An answer that is one XML alone may call itself a multipart."""
    if not kind_of(content_type).startswith("multipart/") or octets.lstrip(_ROUND)[:1] == b"<":
        return Entity({"content-type": content_type}, octets), []
    parts = read_parts(content_type, octets)
    start = parameters(content_type).get("start", "").strip("<>")
    soap = next((part for part in parts if start and part.cid == start), parts[0])
    return soap, [part for part in parts if part is not soap]


def _root(soap: Entity) -> Element:
    raw = soap.data
    if len(raw) > XML_OCTETS:
        raise BadMm7("the XML is too long")
    text = decode_xml(raw, soap.parameter("charset") or "utf-8")
    if "<!DOCTYPE" in text.upper():
        raise BadMm7("it has a document type")
    try:
        return parse_text(text)
    except BadXml as fault:
        raise BadMm7(str(fault)) from fault


# --- elements


def _namespace(element: Element) -> str:
    tag = element.tag
    return tag[1:].partition("}")[0] if tag.startswith("{") else Schema().namespace


def _all(element: Element, name: str) -> list[Element]:
    return [found for found in element.iter() if local_name(found) == name]


def _find(element: Element, name: str) -> str:
    """Returns the text of the first element of this name, at any depth, with the text of its children."""
    found = _all(element, name)
    return "".join(map(str, found[0].itertext())).strip() if found else ""


def _inside(envelope: Element) -> Element:
    """Returns the message element: in the body, or in the detail of a fault; a fault without one itself."""
    for element in envelope.iter():
        name = local_name(element)
        if name.endswith(("Req", "Rsp")):
            return element
    if faults := _all(envelope, FAULT):
        return faults[0]
    raise BadMm7("there is no message in it")


def _code_of_fault(envelope: Element) -> str:
    """Returns the general code for the side that a fault blames; "" if there is no fault (SOAP 1.1, 4.4.1; SOAP 1.2 part 1, 5.4.6)."""
    if not _all(envelope, FAULT):
        return ""
    blamed = (_find(envelope, "faultcode") or _find(envelope, "Code")).rpartition(":")[2]
    return str(int(Status.SERVER_ERROR if blamed.startswith(("Server", "Receiver")) or not blamed else Status.CLIENT_ERROR))


def _decode_answer(message: Element, name: str, transaction_id: str, code_of_fault: str) -> Answer:
    """code_of_fault: if the answer has no code itself"""
    code = _find(message, "StatusCode") or code_of_fault
    if not (code.isascii() and code.isdecimal() and len(code) <= 6):
        raise BadMm7("the answer has no status code")
    text = _find(message, "StatusText") or _find(message, "faultstring")
    return Answer(transaction_id, name, int(code), text, _find(message, "MessageID"))


def _decode_request(message: Element, name: str, transaction_id: str, others: Sequence[Entity]) -> Message:
    match name:
        case "DeliveryReportReq" | "ReadReplyReq":
            return _decode_report(message, transaction_id, is_read=name == "ReadReplyReq")
        case "DeliverReq":
            return _decode_deliver(message, transaction_id, others)
        case "CancelReq":
            return _decode_cancel(message, transaction_id)
        case "SubmitReq":
            return _decode_submit(message, transaction_id, others)
        case _:
            raise BadMm7(f"{name} is not taken", Status.UNSUPPORTED_OPERATION, name, transaction_id)


def _decode_report(message: Element, transaction_id: str, *, is_read: bool) -> Report:
    return Report(
        transaction_id=transaction_id,
        message_id=_find(message, "MessageID"),
        recipient=_find(message, "Recipient"),
        sender=_find(message, "Sender"),
        date=_find(message, "Date") or _find(message, "TimeStamp"),
        status=_find(message, "MMStatus"),
        status_text=_find(message, "StatusText"),
        relay_server_id=_find(message, "MMSRelayServerID"),
        is_read=is_read,
    )


def _decode_deliver(message: Element, transaction_id: str, others: Sequence[Entity]) -> DeliverReq:
    return DeliverReq(
        transaction_id=transaction_id,
        sender=_find(message, "Sender"),
        recipients=_recipients(message),
        subject=_find(message, "Subject"),
        parts=_parts(message, others),
        relay_server_id=_find(message, "MMSRelayServerID"),
        vaspid=_find(message, "VASPID"),
        vasid=_find(message, "VASID"),
        linked_id=_find(message, "LinkedID"),
        timestamp=_find(message, "TimeStamp"),
    )


def _decode_cancel(message: Element, transaction_id: str) -> CancelReq:
    return CancelReq(
        transaction_id=transaction_id,
        vaspid=_find(message, "VASPID"),
        vasid=_find(message, "VASID"),
        sender=_find(message, "SenderAddress"),
        message_id=_find(message, "MessageID"),
    )


def _decode_submit(message: Element, transaction_id: str, others: Sequence[Entity]) -> SubmitReq:
    distribution = _find(message, "DistributionIndicator")
    return SubmitReq(
        transaction_id=transaction_id,
        vaspid=_find(message, "VASPID"),
        vasid=_find(message, "VASID"),
        sender=_find(message, "SenderAddress"),
        recipients=_recipients(message),
        subject=_find(message, "Subject"),
        parts=_parts(message, others),
        service_code=_find(message, "ServiceCode"),
        linked_id=_find(message, "LinkedID"),
        timestamp=_find(message, "TimeStamp"),
        expiry=_find(message, "ExpiryDate"),
        delivery_report=_find(message, "DeliveryReport") == "true",
        read_reply=_find(message, "ReadReply") == "true",
        priority=_find(message, "Priority"),
        charged_party=_find(message, "ChargedParty"),
        charged_party_id=_find(message, "ChargedPartyID"),
        distribution=distribution == "true" if distribution else None,
    )


def _recipients(message: Element) -> tuple[str, ...]:
    """Returns numbers and other addresses in Recipients, in order."""
    found = [
        text
        for recipients in _all(message, "Recipients")[:1]
        for element in recipients.iter()
        if local_name(element) in {"Number", "ShortCode", "RFC2822Address"} and (text := (element.text or "").strip())
    ]
    return tuple(found[:_MOST_RECIPIENTS])


def _parts(message: Element, others: Sequence[Entity]) -> tuple[Part, ...]:
    """Returns the parts that Content names, else the first part beside the SOAP that is no XML; multiparts are opened."""
    content = _all(message, "Content")[:1]
    href = (content[0].get("href") or "").removeprefix("cid:").strip("<>") if content else ""
    chosen = next((other for other in others if href and other.cid == href), None)
    if chosen is None:
        chosen = next((other for other in others if other.kind not in {"text/xml", "application/xml"}), None)
    if chosen is None:
        return ()
    return tuple(_part(leaf, number) for number, leaf in enumerate(leaves(chosen), 1))


def _part(leaf: Entity, number: int) -> Part:
    name = leaf.headers.get("content-location", "").strip() or leaf.cid or leaf.parameter("name") or f"part{number}"
    return Part(name, leaf.kind, leaf.data, leaf.parameter("charset").lower())


# --- writing


def encode(message: Message, variant: Variant = Variant.REL6, schema: Schema | None = None) -> Body:
    """Returns the octets of a message. schema: if not the variant's own, such as that of the request to answer"""
    schema = schema or SCHEMAS[variant]
    if isinstance(message, Answer):
        return Body(XML_TYPE, _envelope(message.transaction_id, _encode_answer(message, schema), schema))
    if isinstance(message, Report):
        return Body(XML_TYPE, _envelope(message.transaction_id, _encode_report(message, schema), schema))
    if isinstance(message, CancelReq):
        return Body(XML_TYPE, _envelope(message.transaction_id, _encode_cancel(message, variant, schema), schema))
    inside = (
        _encode_submit(message, variant, schema)
        if isinstance(message, SubmitReq)
        else _encode_deliver(message, variant, schema)
    )
    soap = _envelope(message.transaction_id, inside, schema)
    if not message.parts:
        return Body(XML_TYPE, soap)
    return china_mobile_body(soap, message.parts) if variant is Variant.CHINA_MOBILE else rel6_body(soap, message.parts)


def _envelope(transaction_id: str, inside: str, schema: Schema) -> bytes:
    head = f'<mm7:TransactionID xmlns:mm7={quoteattr(schema.namespace)} env:mustUnderstand="1">{_text(transaction_id)}</mm7:TransactionID>'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\r\n<env:Envelope xmlns:env="{_SOAP}"><env:Header>{head}</env:Header>'
        f"<env:Body>{inside}</env:Body></env:Envelope>"
    ).encode("utf-8", "replace")


def _element(name: str, value: str) -> str:
    """Returns an element; nothing without a value."""
    return f"<{name}>{_text(value)}</{name}>" if value else ""


def _flag(name: str, value: bool | None) -> str:
    return "" if value is None else f"<{name}>{'true' if value else 'false'}</{name}>"


def _text(value: str) -> str:
    """Returns a text without what XML cannot carry."""
    return escape("".join(char for char in value if char >= " " or char in "\t\n\r"))


def _message(name: str, schema: Schema, inside: str) -> str:
    return f"<{name} xmlns={quoteattr(schema.namespace)}><MM7Version>{schema.version}</MM7Version>{inside}</{name}>"


def _address(name: str, value: str, child: str) -> str:
    return f"<{name}>{_element(child, value)}</{name}>" if value else ""


def _own(name: str, value: str, variant: Variant) -> str:
    """Returns our own number: plain text at China Mobile."""
    return _element(name, value) if variant is Variant.CHINA_MOBILE else _address(name, value, "ShortCode")


def _encode_submit(message: SubmitReq, variant: Variant, schema: Schema) -> str:
    to = "".join(_element("Number", number) for number in message.recipients)
    return _message(
        "SubmitReq",
        schema,
        "".join(
            (
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
            )
        ),
    )


def _identification(message: SubmitReq | CancelReq, variant: Variant) -> str:
    sender = (
        _element("VASPID", message.vaspid) + _element("VASID", message.vasid) + _own("SenderAddress", message.sender, variant)
    )
    return f"<SenderIdentification>{sender}</SenderIdentification>"


def _encode_cancel(message: CancelReq, variant: Variant, schema: Schema) -> str:
    return _message("CancelReq", schema, _identification(message, variant) + _element("MessageID", message.message_id))


def _encode_deliver(message: DeliverReq, variant: Variant, schema: Schema) -> str:
    to = "".join(_element("Number", number) for number in message.recipients)
    return _message(
        "DeliverReq",
        schema,
        "".join(
            (
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
            )
        ),
    )


def _content(parts: Sequence[Part], variant: Variant) -> str:
    return '<Content href="cid:mm-content" allowAdaptations="true"/>' if parts and variant is Variant.REL6 else ""


def _encode_report(message: Report, schema: Schema) -> str:
    return _message(
        "ReadReplyReq" if message.is_read else "DeliveryReportReq",
        schema,
        "".join(
            (
                _element("MMSRelayServerID", message.relay_server_id),
                _element("MessageID", message.message_id),
                _address("Recipient", message.recipient, "Number"),
                _address("Sender", message.sender, "ShortCode"),
                _element("Date", message.date),
                _element("MMStatus", message.status),
                _element("StatusText", message.status_text),
            )
        ),
    )


def _encode_answer(message: Answer, schema: Schema) -> str:
    text = message.text or (TEXTS.get(message.code, ""))
    status = f"<Status><StatusCode>{message.code}</StatusCode>{_element('StatusText', text)}</Status>"
    answer = _message(message.name, schema, status + _element("MessageID", message.message_id))
    if not message.name.endswith("ErrorRsp"):
        return answer
    side = "Client" if 2000 <= message.code < 3000 else "Server"
    return (
        f"<env:Fault><faultcode>env:{side}</faultcode><faultstring>{side} error</faultstring>"
        f"<detail>{answer}</detail></env:Fault>"
    )
