"""SOAP 1.1 and 1.2 for WebService.asmx: reads SendSms, writes its result and faults.

expat reads: it builds no tree and keeps no names, so a hostile request leaves nothing behind, and it stops at a bound.
There is no DTD in a SOAP message, and so no entity.
Answers are one line without blanks between elements, and their elements have no prefix: a vendor's client takes every child
for an element and compares names as they are written.
source: wire contract, 0 and 2.10; SOAP 1.1, 4; SOAP 1.2 part 1, 5; manual 001, chapter 8
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple
from xml.parsers import expat

from hongyan.formats.encoding import marked_codec
from hongyan.formats.form import UTF8
from hongyan.formats.xml_text import escaped

NAMESPACE = "http://www.yysms.com/"
OPERATION = "SendSms"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

MOST_ELEMENTS = 256
MOST_DEPTH = 32
MOST_ATTRIBUTES = 4_096
"""The most equals signs anywhere: a start tag is read as a whole, with all its attributes, before our code is called."""


class Version(Enum):
    """The namespace of an envelope, and its media type."""

    V11 = ("http://schemas.xmlsoap.org/soap/envelope/", b"text/xml; charset=utf-8")
    V12 = ("http://www.w3.org/2003/05/soap-envelope", b"application/soap+xml; charset=utf-8")

    def __init__(self, namespace: str, content_type: bytes) -> None:
        self.namespace = namespace
        self.content_type = content_type


class FaultCode(Enum):
    """Fault codes, as 1.1 and 1.2 call them."""

    SENDER = ("Client", "Sender")
    VERSION = ("VersionMismatch", "VersionMismatch")
    HEADER = ("MustUnderstand", "MustUnderstand")


class BadSoap(Exception):
    """A request that cannot be read. The message says why, and quotes none of its values."""

    def __init__(self, why: str, version: Version, fault_code: FaultCode = FaultCode.SENDER) -> None:
        super().__init__(why)
        self.why, self.version, self.fault_code = why, version, fault_code


@dataclass(frozen=True, slots=True)
class Call:
    """SendSms as it was sent; a value that is missing or nil is empty."""

    version: Version
    user_name: str
    password: str = field(repr=False)
    msisdns: str
    sms_content: str
    ext_number: str
    plan_send_time: str


class SendResult(NamedTuple):
    """The elements of the result, in their order.

    StatusCode: a name of the schema's enumeration, `OK` for success
    Amount:     points left, as Balance; BillingCount and BillingAmount are the points taken
    """

    PayType: int
    StatusCode: str
    Description: str
    MsgId: str
    SuccessCounts: int
    BillingCount: int
    Amount: int
    Balance: int
    BillingAmount: int
    Errors: Sequence[str]


def read_call(body: bytes, content_type: bytes, charset: str = UTF8) -> Call:
    """Read a request.

    body:         in the encoding of its mark, of its declaration or of the header
    content_type: the header's value; it decides the version of a fault if the envelope cannot be read
    charset:      UTF8 or GBK, if none of them says it
    raises:       BadSoap; from UnicodeDecodeError if the body is not in its encoding
    """
    reader = _Reader(Version.V12 if b"soap+xml" in content_type.lower() else Version.V11)
    reader.read(_text(body, content_type, charset, reader.version))
    return reader.call()


# --- octets to characters -------------------------------------------------------------------------------------------

_DECLARED = re.compile(rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.-]{1,40})""")
_CHARSET = re.compile(rb"""charset\s*=\s*["']?([\w.-]{1,40})""", re.IGNORECASE)
_CODECS = {
    "utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "utf-8", "ascii": "utf-8",
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030",
    "utf-16": "utf-16", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "iso-8859-1": "latin-1",
}  # fmt: skip


def _text(body: bytes, content_type: bytes, charset: str, version: Version) -> str:
    first, *others = _encodings(body, content_type) or [charset]
    try:
        return body.decode(_CODECS.get(first, first)).lstrip()
    except (UnicodeDecodeError, LookupError) as fault:
        for name in others:
            with suppress(UnicodeDecodeError, LookupError):
                return body.decode(_CODECS.get(name, name)).lstrip()
        raise BadSoap(f"it is not written in {first[:40]}", version) from fault


def _encodings(body: bytes, content_type: bytes) -> list[str]:
    """Returns the encodings that a body may be in: that of its mark, else those that its declaration and the header name.

    If these differ UTF-8 comes first: Chinese in GBK is hardly ever valid UTF-8 by chance, while much of UTF-8 is valid GBK. A
    declaration that was read octet by octet is not in UTF-16, as .NET's StringWriter has it say.
    """
    if codec := marked_codec(body):
        return [codec]
    declared, header = _DECLARED.match(body), _CHARSET.search(content_type)
    names = [found[1].decode().lower() for found in (declared, header) if found]
    if declared and names[0].startswith("utf-16"):
        del names[0]
    known = [name if name in _CODECS else f"no known encoding: {name}" for name in names]
    return sorted(known, key=lambda name: _CODECS.get(name) != UTF8)


# --- characters to a call -------------------------------------------------------------------------------------------


_SEND = f"{NAMESPACE} {OPERATION}"
_NIL = f"{XSI} nil"
_ENVELOPES = {f"{version.namespace} Envelope": version for version in Version}
_OPERATION_DEPTH = 2  # below Envelope and Body
_VALUES = ("userName", "password", "sms/Msisdns", "sms/SMSContent", "sms/ExtNumber", "sms/PlanSendTime")


class _Reader:
    """Collects what expat reports of one message. Elements below the operation are known by their local names."""

    __slots__ = ("_depth", "_elements", "_fields", "_is_in_body", "_is_nil", "_operation", "_path", "_text", "version")

    def __init__(self, version: Version) -> None:
        self.version = version
        self._elements = self._depth = 0
        self._path: list[str] = []  # below the operation
        self._is_in_body = self._is_nil = False
        self._operation = ""
        self._fields: dict[str, str] = {}
        self._text: list[str] = []

    def read(self, text: str) -> None:
        """Raises BadSoap, with expat's kind and place of the fault."""
        if text.count("=") > MOST_ATTRIBUTES:
            raise self._bad("it has too many attributes")
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._begin, self._end
        parser.CharacterDataHandler = self._text.append
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        try:
            parser.Parse(text, True)
        except expat.ExpatError as fault:
            raise self._bad(f"it is not well-formed: {fault}") from fault

    def call(self) -> Call:
        if not self._operation:
            raise self._bad(f"there is no {OPERATION} in its Body")
        if self._operation != _SEND:
            raise self._bad(f"the only operation is {OPERATION} of {NAMESPACE}")
        return Call(self.version, *[self._fields.get(path, "") for path in _VALUES])

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        depth = self._depth
        self._depth += 1
        self._elements += 1
        if self._elements > MOST_ELEMENTS or depth >= MOST_DEPTH:
            raise self._bad("it has too many elements, or they are nested too deep")
        if depth > _OPERATION_DEPTH:
            self._text.clear()
            self._is_nil = bool(attributes) and attributes.get(_NIL) in ("true", "1")
            self._path.append(name.rpartition(" ")[2])
        else:
            self._open(depth, name, attributes)

    def _open(self, depth: int, name: str, attributes: dict[str, str]) -> None:
        """Handle Envelope, its Header and Body, and their children."""
        if depth == 0:
            if name not in _ENVELOPES:
                raise self._bad("it is no Envelope of SOAP 1.1 or 1.2", FaultCode.VERSION)
            self.version = _ENVELOPES[name]
        elif depth == 1:
            self._is_in_body = name == f"{self.version.namespace} Body"
        elif self._is_in_body:
            if self._operation:
                raise self._bad("its Body has more than one operation")
            self._operation = name
        elif attributes.get(f"{self.version.namespace} mustUnderstand") in ("1", "true"):
            raise self._bad("a header that must be understood is not known here", FaultCode.HEADER)

    def _end(self, _name: str) -> None:
        self._depth -= 1
        if self._depth > _OPERATION_DEPTH:
            if self._is_in_body:
                self._fields.setdefault("/".join(self._path), "" if self._is_nil else "".join(self._text))
            self._path.pop()
            self._text.clear()

    def _refuse_doctype(self, *_: object) -> None:
        raise self._bad("it has a DOCTYPE")

    def _bad(self, why: str, fault_code: FaultCode = FaultCode.SENDER) -> BadSoap:
        return BadSoap(why, self.version, fault_code)


# --- answers --------------------------------------------------------------------------------------------------------


def result_xml(result: SendResult, version: Version) -> bytes:
    """Returns the answer to SendSms, granted or refused."""
    *plain, errors = result
    listed = "".join([f"<string>{escaped(error)}</string>" for error in errors])
    return _envelope(_RESULT % (*[escaped(value) if type(value) is str else value for value in plain], listed), version)


_RESULT = (
    f'<{OPERATION}Response xmlns="{NAMESPACE}"><{OPERATION}Result>'
    + "".join([f"<{name}>%s</{name}>" for name in SendResult._fields])
    + f"</{OPERATION}Result></{OPERATION}Response>"
)


def fault_xml(fault_code: FaultCode, english: str, chinese: str, version: Version) -> bytes:
    """Returns the answer to a request that could not be read; its HTTP status is 500."""
    if version is Version.V11:
        fault = f"<faultcode>soap:{fault_code.value[0]}</faultcode><faultstring>{escaped(f'{english} {chinese}')}</faultstring>"
        return _envelope(f"<soap:Fault>{fault}</soap:Fault>", version)
    code = f"<soap:Code><soap:Value>soap:{fault_code.value[1]}</soap:Value></soap:Code>"
    texts = "".join(
        f'<soap:Text xml:lang="{language}">{escaped(text)}</soap:Text>' for language, text in (("en", english), ("zh", chinese))
    )
    return _envelope(f"<soap:Fault>{code}<soap:Reason>{texts}</soap:Reason></soap:Fault>", version)


def _envelope(inside: str, version: Version) -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{version.namespace}" xmlns:xsi="{XSI}"'
        f' xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soap:Body>{inside}</soap:Body></soap:Envelope>'
    ).encode()
