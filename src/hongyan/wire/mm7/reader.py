"""MM7 from octets: by the local names of elements, whatever their namespace, prefix and order.

The XML is decoded here and handed to a parser that expands nothing; a document type is refused unread.
source: MM7 sheet, 1, 3, 6, 7 and 8
"""

import re
from collections.abc import Sequence

from lxml import etree

from hongyan.wire.mm7.mime import BadMime, Entity, kind_of, leaves, parameters, read_parts
from hongyan.wire.mm7.pdu import Answer, CancelReq, DeliverReq, Message, Part, Report, Schema, Status, SubmitReq

XML_OCTETS = 256 * 1024
_DECLARATION = re.compile(rb"""\s*<\?xml[^>]*?(?:encoding\s*=\s*["']([\w.:-]+)["'])?[^>]*\?>""")
_CHINESE = frozenset({"gb2312", "gbk", "gb18030", "x-gbk", "gb_2312-80"})
_MOST_RECIPIENTS = 1_000


class BadMm7(ValueError):
    """Not a message that can be read. `code` is the status that says so; `request` what was asked, as far as it can be known."""

    def __init__(self, what: str, code: int = Status.FORMAT_CORRUPT, request: str = "", transaction_id: str = "") -> None:
        super().__init__(what)
        self.code, self.request, self.transaction_id = code, request, transaction_id


def read(content_type: str, octets: bytes) -> tuple[Message, Schema]:
    """A message, and the schema that its answer is to use. Raises BadMm7."""
    try:
        soap, others = _entities(content_type, octets)
        envelope = _root(soap)
    except BadMime as fault:
        raise BadMm7(str(fault)) from fault
    transaction_id = _find(envelope, "TransactionID")
    message = _inside(envelope)
    name = _name(message)
    schema = Schema(_namespace(message), _find(message, "MM7Version") or Schema().version)
    if name.endswith("Rsp"):
        return _answer(message, name, transaction_id), schema
    try:
        return _request(message, name, transaction_id, others), schema
    except BadMime as fault:
        raise BadMm7(str(fault), request=name, transaction_id=transaction_id) from fault


def _entities(content_type: str, octets: bytes) -> tuple[Entity, list[Entity]]:
    """The SOAP part, and those beside it."""
    if not kind_of(content_type).startswith("multipart/"):
        return Entity({"content-type": content_type}, octets), []
    parts = read_parts(content_type, octets)
    start = parameters(content_type).get("start", "").strip("<>")
    soap = next((part for part in parts if start and part.cid == start), parts[0])
    return soap, [part for part in parts if part is not soap]


def _root(soap: Entity) -> etree._Element:
    raw = soap.data.removeprefix(b"\xef\xbb\xbf")
    if len(raw) > XML_OCTETS:
        raise BadMm7("the XML is too long")
    declared = _DECLARATION.match(raw)
    charset = (declared[1].decode("latin-1") if declared and declared[1] else soap.parameter("charset") or "utf-8").lower()
    text = decoded(raw[declared.end() :] if declared else raw, charset)
    if "<!DOCTYPE" in text.upper():
        raise BadMm7("it has a document type")
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as fault:
        raise BadMm7(str(fault)[:200]) from fault


def decoded(octets: bytes, charset: str) -> str:
    """As the charset says; some senders say UTF-8 and write GBK, or the other way round."""
    try:
        return octets.decode("gb18030" if charset in _CHINESE else charset)
    except (ValueError, LookupError):  # not of that charset, or the name is none
        pass
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("gb18030", "replace")


# --- elements


def _name(element: etree._Element) -> str:
    tag: object = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _namespace(element: etree._Element) -> str:
    tag = element.tag
    return tag[1:].partition("}")[0] if tag.startswith("{") else Schema().namespace


def _all(element: etree._Element, name: str) -> list[etree._Element]:
    return [found for found in element.iter() if _name(found) == name]


def _find(element: etree._Element, name: str) -> str:
    """Text of the first element of this name, at any depth, with what stands in its children."""
    found = _all(element, name)
    return "".join(map(str, found[0].itertext())).strip() if found else ""


def _inside(envelope: etree._Element) -> etree._Element:
    """The message element: in the body, or in the detail of a fault."""
    for element in envelope.iter():
        name = _name(element)
        if name.endswith(("Req", "Rsp")):
            return element
    raise BadMm7("there is no message in it")


def _answer(message: etree._Element, name: str, transaction_id: str) -> Answer:
    code = _find(message, "StatusCode")
    if not (code.isascii() and code.isdecimal() and len(code) <= 6):
        raise BadMm7("the answer has no status code")
    return Answer(transaction_id, name, int(code), _find(message, "StatusText"), _find(message, "MessageID"))


def _request(message: etree._Element, name: str, transaction_id: str, others: Sequence[Entity]) -> Message:
    if name in {"DeliveryReportReq", "ReadReplyReq"}:
        return Report(
            transaction_id, _find(message, "MessageID"), _find(message, "Recipient"), _find(message, "Sender"),
            _find(message, "Date") or _find(message, "TimeStamp"), _find(message, "MMStatus"), _find(message, "StatusText"),
            _find(message, "MMSRelayServerID"), is_read=name == "ReadReplyReq",
        )  # fmt: skip
    if name == "DeliverReq":
        return DeliverReq(
            transaction_id, _find(message, "Sender"), _recipients(message), _find(message, "Subject"), _parts(message, others),
            _find(message, "MMSRelayServerID"), _find(message, "VASPID"), _find(message, "VASID"), _find(message, "LinkedID"),
            _find(message, "TimeStamp"),
        )  # fmt: skip
    if name == "CancelReq":
        return CancelReq(
            transaction_id, _find(message, "VASPID"), _find(message, "VASID"), _find(message, "SenderAddress"),
            _find(message, "MessageID"),
        )  # fmt: skip
    if name == "SubmitReq":
        return _submit(message, transaction_id, others)
    raise BadMm7(f"{name} is not taken", Status.UNSUPPORTED_OPERATION, name, transaction_id)


def _submit(message: etree._Element, transaction_id: str, others: Sequence[Entity]) -> SubmitReq:
    distribution = _find(message, "DistributionIndicator")
    return SubmitReq(
        transaction_id, _find(message, "VASPID"), _find(message, "VASID"), _find(message, "SenderAddress"), _recipients(message),
        _find(message, "Subject"), _parts(message, others), _find(message, "ServiceCode"), _find(message, "LinkedID"),
        _find(message, "TimeStamp"), _find(message, "ExpiryDate"), _find(message, "DeliveryReport") == "true",
        _find(message, "ReadReply") == "true", _find(message, "Priority"), _find(message, "ChargedParty"),
        _find(message, "ChargedPartyID"), distribution == "true" if distribution else None,
    )  # fmt: skip


def _recipients(message: etree._Element) -> tuple[str, ...]:
    """Numbers and other addresses in Recipients, in order."""
    found = [
        text
        for recipients in _all(message, "Recipients")[:1]
        for element in recipients.iter()
        if _name(element) in {"Number", "ShortCode", "RFC2822Address"} and (text := (element.text or "").strip())
    ]
    return tuple(found[:_MOST_RECIPIENTS])


def _parts(message: etree._Element, others: Sequence[Entity]) -> tuple[Part, ...]:
    """What Content names, else the first part beside the SOAP that is no XML; to the bottom."""
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
