"""What a door reads from a request, what admission makes of it, and the answer to the customer."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hongyan.model.account import Account, Product
from hongyan.model.binary import Binary
from hongyan.model.channel import ChannelNeed
from hongyan.model.mms import Mms
from hongyan.model.refusal import Code
from hongyan.model.session_submit import PartOctets, SubmittedPart


@dataclass(slots=True)
class Submission:
    """A request to send that was read and not judged yet."""

    account: Account
    numbers: Sequence[str]  # as the customer wrote them, split at separators
    text: str
    texts: Sequence[str] | None = None  # one text for each number, instead of `text`
    extno: str = ""
    send_at_ms: int = 0  # 0: at once
    product: Product = Product.SMS
    asks_word_check: bool = False  # checkcontent=1 (wire contract, 3.1)
    refuses_sql: bool = False  # refuse a text that reads like an SQL statement, as manual 000's platform did
    source: str = ""  # the door, such as "sms.aspx"
    address: str = ""  # the client's address
    client_ref: str = ""  # `clientref` or Idempotency-Key
    client_hash: bytes = b""  # of everything the customer submitted; filled if client_ref is
    is_late: bool = False  # only the first answer to the same reference can be given; without one it came too late
    is_international: bool = False  # the numbers begin with their country's code
    mms: Mms | None = None  # if it is an MMS, `text` is its subject
    binary: Binary | None = None  # if it is binary, `text` is its octets in hexadecimal digits, once admitted
    parts: Sequence[str] | None = None  # `text` as the customer cut it; these segments leave unchanged
    customer_message_id: str = ""  # the customer's own id of the message: returned with the report, need not be unique
    is_flash: bool = False  # message class 0: the handset shows it at once and does not keep it
    source_number: str = ""  # the source address of a submit as the customer wrote it; deliveries are sent to it
    service: str = ""  # service_type or Service_Id of a submit
    wants_reports: int = 1  # ReportsWanted
    session_id: int = 0  # the session over which it came; 0: none
    wants_notice: bool = False  # an intermediate notice is wanted, once the message was sent on
    sequence: int = 0  # the sequence of its PDU on the session
    coding: int = 0  # of its text; a replacement of the text must have the same
    received_ms: int = 0  # when its PDU came; 0: over no session
    of_parts: Sequence[SubmittedPart] = ()  # the stored parts of which it was joined
    part_octets: PartOctets | None = None  # the octets of one part of a long text, instead of `text`
    valid_until_ms: int = 0  # after this moment it is no longer sent; 0: the account decides
    is_urgent: bool = False  # it is sent before others of its channel
    protocol_id: int = 0  # TP-PID, which is passed to the carrier

    @property
    def is_plain(self) -> bool:
        """Returns whether it is a usual text: no MMS, no binary message, no ready-made segments, no flash."""
        return not (
            self.binary or self.parts or self.is_flash or self.customer_message_id or self.valid_until_ms or self.protocol_id
        )

    @property
    def pdu(self) -> str:
        """Returns the name that `session_submit` has for the PDU that brought it."""
        return f"{self.session_id}:{self.sequence}:{self.received_ms}:{self.coding}"

    @property
    def need(self) -> ChannelNeed:
        return ChannelNeed.OCTETS if self.binary is not None else ChannelNeed.FLASH if self.is_flash else ChannelNeed.TEXT


@dataclass(slots=True)
class Admission:
    """A submission that was admitted: what it costs and where each number goes."""

    submission: Submission
    phones: list[int]  # E.164, without repeats, in order
    texts: list[str] | None  # one for each phone; None: all get `submission.text`
    channels: list[int]  # one for each phone
    segments: list[int]  # one for each phone
    points: list[int]  # one for each phone
    rejected: list[tuple[str, Code]]  # number as written, and why
    total_points: int
    task_id: int = 0  # 16 digits; set, like sms_id, when it is handed to the lane
    sms_id: str = ""  # 32 hexadecimal digits


@dataclass(slots=True)
class Accepted:
    """The answer to an accepted submission."""

    task_id: int
    sms_id: str  # 32 hexadecimal digits
    balance: int  # points left after this task
    count: int  # numbers accepted
    points_held: int
    rejected: list[tuple[str, Code]] = field(default_factory=list)
    is_repeat: bool = field(default=False, compare=False)  # it is the first answer once more, to the same client reference
    segments: int = field(default=0, compare=False)  # of the numbers accepted; 0 in an answer that was read from the store
