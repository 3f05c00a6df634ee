"""What a door reads from a request, what admission makes of it, and what the customer is answered."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hongyan.model.account import Account, Product
from hongyan.model.binary import Binary
from hongyan.model.channel import Need
from hongyan.model.customer_session import PartOctets, SubmittedPart
from hongyan.model.mms import Mms
from hongyan.model.refusal import Code


@dataclass(slots=True)
class Submission:
    """A request to send, read but not judged."""

    account: Account
    numbers: Sequence[str]  # as the customer wrote them, split at separators
    text: str
    texts: Sequence[str] | None = None  # one for each number, instead of `text`
    extno: str = ""
    send_at_ms: int = 0  # 0: at once
    product: Product = Product.SMS
    asks_word_check: bool = False  # checkcontent=1 (wire contract, 3.1)
    refuses_sql: bool = False  # a text that reads like an SQL statement is refused, as manual 000's platform did
    source: str = ""  # the door, such as "sms.aspx"
    address: str = ""  # the client's address
    client_ref: str = ""  # `clientref` or Idempotency-Key
    client_hash: bytes = b""  # of everything the customer submitted; filled where client_ref is
    is_late: bool = False  # only the first answer to the same reference can be given: by itself it comes too late
    is_international: bool = False  # its numbers begin with their country's code
    mms: Mms | None = None  # then `text` is its subject
    binary: Binary | None = None  # then `text` is its octets in hexadecimal digits, once admitted
    parts: Sequence[str] | None = None  # ready-made segments: `text` as the customer cut it; they leave as they are
    customer_message_id: str = ""  # what the customer calls the message; it goes back with the report, and may come twice
    is_flash: bool = False  # shown at once and not kept by the handset: message class 0
    source_number: str = ""  # the source address of a submit as the customer wrote it; deliveries go back to it
    service: str = ""  # service_type or Service_Id of a submit
    wants_reports: int = 1  # ReportsWanted
    session_id: int = 0  # over which it came; 0: over none
    wants_notice: bool = False  # an intermediate one, once it was sent on
    sequence: int = 0  # of its PDU on the session
    coding: int = 0  # data_coding of its text, which a replacement shares
    received_ms: int = 0  # when that came; 0: over no session
    of_parts: Sequence[SubmittedPart] = ()  # the stored parts that it was joined of
    part_octets: PartOctets | None = None  # of a part of a long text, instead of `text`
    valid_until_ms: int = 0  # later it is not sent any more; 0: as the account says
    is_urgent: bool = False  # sent before others of its channel
    protocol_id: int = 0  # TP-PID, which goes on to the carrier

    @property
    def is_plain(self) -> bool:
        """A text as any other."""
        return not (
            self.binary or self.parts or self.is_flash or self.customer_message_id or self.valid_until_ms or self.protocol_id
        )

    @property
    def pdu(self) -> str:
        """How `session_submit` names the PDU that brought it."""
        return f"{self.session_id}:{self.sequence}:{self.received_ms}:{self.coding}"

    @property
    def need(self) -> Need:
        return Need.OCTETS if self.binary is not None else Need.FLASH if self.is_flash else Need.TEXT


@dataclass(slots=True)
class Admission:
    """A submission that policy let through: what it will cost and where each number goes."""

    submission: Submission
    phones: list[int]  # E.164, without repeats, in order
    texts: list[str] | None  # one for each phone, or None: all get `submission.text`
    channels: list[int]  # one for each phone
    segments: list[int]  # one for each phone
    points: list[int]  # one for each phone
    rejected: list[tuple[str, Code]]  # number as written, and why
    total_points: int
    task_id: int = 0  # 16 digits; given, like sms_id, when it is handed to the lane
    sms_id: str = ""  # 32 hex digits


@dataclass(slots=True)
class Accepted:
    """The answer to an accepted submission."""

    task_id: int
    sms_id: str  # 32 hex digits
    balance: int  # points left after this task
    count: int  # numbers accepted
    segments: int  # points held
    rejected: list[tuple[str, Code]] = field(default_factory=list)
    is_repeat: bool = field(default=False, compare=False)  # the first answer once more, to the same client reference
