"""The messages that a VASP and an MMS relay/server exchange by MM7, as values.

source: MM7 sheet, 2 to 6; 3GPP TS 23.140, Rel-6
"""

from dataclasses import dataclass, field
from enum import Enum, IntEnum

from hongyan.xml import text_of

_ARCHIVE = "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/"


class Variant(Enum):
    """The variant of MM7 that a relay/server speaks."""

    REL6 = "3gpp"
    CHINA_MOBILE = "cm"  # addresses without a child, the content without a Content element, raw 8-bit parts


@dataclass(frozen=True, slots=True)
class Schema:
    """Namespace and MM7Version, which belong together. A server answers with those of the request."""

    namespace: str = _ARCHIVE + "REL-6-MM7-1-4"
    version: str = "6.8.0"


SCHEMAS = {Variant.REL6: Schema(), Variant.CHINA_MOBILE: Schema(_ARCHIVE + "REL-6-MM7-1-0", "6.3.0")}


class Status(IntEnum):
    """Codes that we use by name; others are classified by their first digit."""

    SUCCESS = 1000
    CLIENT_ERROR = 2000
    ID_NOT_FOUND = 2005
    FORMAT_CORRUPT = 2007
    SERVER_ERROR = 3000
    NOT_POSSIBLE = 3001
    SERVICE_ERROR = 4000
    UNSUPPORTED_VERSION = 4002
    UNSUPPORTED_OPERATION = 4003
    SERVICE_ERROR_5 = 4005
    UNAVAILABLE = 4006


TEXTS: dict[int, str] = {
    Status.SUCCESS: "Success",
    Status.ID_NOT_FOUND: "Message ID not found",
    Status.FORMAT_CORRUPT: "Message format corrupt",
    Status.NOT_POSSIBLE: "Not possible",
    Status.UNSUPPORTED_OPERATION: "Unsupported operation",
    Status.UNAVAILABLE: "Service unavailable",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the content. kind: a media type; charset: of a text; both in lower case when read"""

    name: str
    kind: str
    data: bytes = field(repr=False)
    charset: str = ""

    @property
    def text(self) -> str:
        """Returns the text of a part that is one."""
        return text_of(self.data, self.charset or "utf-8")


@dataclass(frozen=True, slots=True)
class SubmitReq:
    """An MMS to be sent. Empty fields are left out; times are ISO 8601 as on the wire."""

    transaction_id: str
    vaspid: str
    vasid: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    parts: tuple[Part, ...]
    service_code: str = ""
    linked_id: str = ""
    timestamp: str = ""
    expiry: str = ""
    delivery_report: bool = True
    read_reply: bool = False
    priority: str = "Normal"
    charged_party: str = ""
    charged_party_id: str = ""
    distribution: bool | None = None


@dataclass(frozen=True, slots=True)
class CancelReq:
    """A cancellation of an MMS that was accepted."""

    transaction_id: str
    vaspid: str
    vasid: str
    sender: str
    message_id: str


@dataclass(frozen=True, slots=True)
class DeliverReq:
    """An MMS that a handset sent."""

    transaction_id: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    parts: tuple[Part, ...]
    relay_server_id: str = ""
    vaspid: str = ""
    vasid: str = ""
    linked_id: str = ""
    timestamp: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The fate of an MMS at one recipient: a delivery report, or a read report."""

    transaction_id: str
    message_id: str
    recipient: str
    sender: str
    date: str
    status: str  # MMStatus
    status_text: str = ""
    relay_server_id: str = ""
    is_read: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request; `name` is its element, such as SubmitRsp; RSErrorRsp and VASPErrorRsp come inside a Fault, or it is bare."""

    transaction_id: str
    name: str
    code: int
    text: str = ""
    message_id: str = ""

    @property
    def is_success(self) -> bool:
        return 1000 <= self.code < 2000


Request = SubmitReq | CancelReq | DeliverReq | Report
Message = Request | Answer

ANSWERS: dict[str, str] = {
    "SubmitReq": "SubmitRsp",
    "DeliverReq": "DeliverRsp",
    "DeliveryReportReq": "DeliveryReportRsp",
    "ReadReplyReq": "ReadReplyRsp",
    "CancelReq": "CancelRsp",
    "ReplaceReq": "ReplaceRsp",
}
"""Request → its answer."""
