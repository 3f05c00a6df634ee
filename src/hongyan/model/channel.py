"""Channels to carriers, and what can be set of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import ClassVar, TypeVar

from hongyan.model.account import Product
from hongyan.model.channel_options import OPTIONS, ChannelOptions, checked_options
from hongyan.model.errors import Invalid
from hongyan.model.fields import Change, Group, described
from hongyan.model.kinds import Kind, number, pattern, seconds, secret, text, word
from hongyan.model.masking import without_password
from hongyan.model.meaning import Meaning
from hongyan.model.names import NAME
from hongyan.model.protocol import CALL_US, OF_CARRIERS, WHOLE, Protocol, products_of


class ChannelNeed(IntEnum):
    """What a message needs of a channel besides its product."""

    TEXT = 0
    FLASH = 1  # the channel must be able to say the message class
    OCTETS = 2  # the channel must take 8-bit data


class ChannelState(IntEnum):
    STOPPED = 0  # not connected
    RUNNING = 1
    PAUSED = 2  # connected; reports come in, nothing is sent
    DRAINING = 3  # sends what is queued and takes nothing new


class SignaturePlace(StrEnum):
    AS_IS = "as-is"
    FRONT = "front"
    BACK = "back"


class OnDoubt(StrEnum):
    """What becomes of a segment that was sent and not answered."""

    RESEND = "resend"  # it is sent again, so the handset may get it twice
    HOLD = "hold"  # it waits for its receipt, and fails if none comes


class ReceiptsGiven(StrEnum):
    """For which parts of a long message a channel sends receipts."""

    EVERY = "every"
    FIRST = "first"
    LAST = "last"


class IdForm(StrEnum):
    """How a channel writes message ids in receipts, compared with its answers to submits."""

    AUTO = "auto"
    SAME = "same"
    HEX_THEN_DECIMAL = "hex-dec"  # hexadecimal in answers, decimal in receipts
    DECIMAL_THEN_HEX = "dec-hex"


class Alphabet(StrEnum):
    """The alphabet of a text on its way to a carrier."""

    UCS2 = "ucs2"
    GSM = "gsm"  # the default alphabet of GSM and its extension, one septet in an octet
    GSM_PACKED = "gsm-packed"  # the same, eight septets in seven octets
    ASCII = "ascii"
    LATIN1 = "latin1"
    GBK = "gbk"


class LongText(StrEnum):
    """How the parts of a long text are marked as one text."""

    UDH8 = "udh8"  # by a header with a reference of 8 bits
    UDH16 = "udh16"  # by a header with a reference of 16 bits
    SAR = "sar"  # by the parameters sar_msg_ref_num, sar_total_segments and sar_segment_seqnum
    PAYLOAD = "payload"  # not at all: the whole text is in message_payload, and the carrier cuts it


class StampOn(StrEnum):
    """Which segments of a long text get the carrier's signature."""

    LAST = "last"
    FIRST = "first"
    EVERY = "every"


@dataclass(frozen=True, slots=True)
class Stamp:
    """A signature that the carrier adds to each text."""

    room: int  # the characters that it takes from the text, up to STAMP_MOST
    on: StampOn = StampOn.LAST


STAMP_MOST = 30


Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Channel:
    id: int
    name: str
    protocol: Protocol
    host: str = ""
    port: int = 0
    user: str = ""
    secret: str = field(default="", repr=False)
    product: Product = Product.SMS
    state: ChannelState = ChannelState.RUNNING
    window: int = 16  # unanswered requests of a connection
    connections: int = 1
    rate: int = 0  # segments a second over all connections; 0: no limit
    access: str = ""  # the access number, before the extension digits
    access_most: int = 20  # the most digits of access number and extension together
    signature: SignaturePlace = SignaturePlace.AS_IS
    on_doubt: OnDoubt = OnDoubt.RESEND
    receipts: ReceiptsGiven = ReceiptsGiven.EVERY
    id_form: IdForm = IdForm.AUTO
    id_lifetime_s: int = 7 * 24 * 3600
    reroute_after_s: int = 30
    answer_timeout_s: float = 60.0
    heartbeat_s: float = 30.0
    options: Mapping[str, str] = field(default_factory=dict)  # options of the protocol: service_id, sp_id, system_type, …
    cost_e4: int = 0  # the carrier's price of a segment, in 0.0001 CNY
    codes: Mapping[str, Meaning] = field(default_factory=dict)  # the operator's rules for codes; see policy.codes

    @property
    def has_secret(self) -> bool:
        """Returns whether its login has a secret. A carrier of MM7 that gave no user recognises us by our address."""
        return self.protocol in OF_CARRIERS and (self.protocol is not Protocol.MM7 or bool(self.user))

    @property
    def lacks_listener(self) -> bool:
        """Returns whether reports and replies can never come, since the carrier has no port of ours to connect to."""
        return self.protocol in CALL_US and self.options.get("listen_port") in {None, "", "0"}

    def carries(self, product: Product, need: ChannelNeed = ChannelNeed.TEXT) -> bool:
        """Returns whether the channel can carry such a message. Every choice of a channel asks this.

        Protocol http carries no octets. It carries a message class only if the platform behind it is known to read `flash`.
        """
        if self.product != product:
            return False
        return (
            self.protocol not in WHOLE
            or need is ChannelNeed.TEXT
            or (need is ChannelNeed.FLASH and self.options.get("flash") == "yes")
        )

    @property
    def stamp(self) -> Stamp | None:
        """Returns the signature that the carrier adds to each text. A wrong number in the option counts as nothing; the link
        reports it.
        """
        value = self.options.get("carrier_signature")
        if not value or not value.isdecimal() or len(value) > 2 or not 0 < int(value) <= STAMP_MOST:
            return None
        return Stamp(int(value), self.word("carrier_signature_on", StampOn.LAST))

    @property
    def receipt_zone_ms(self) -> int:
        """How far the clock of its reports is ahead of UTC, where they name no zone; China's unless it is set."""
        zone = self.options.get("receipt_zone") or OPTIONS["receipt_zone"].usual
        if zone == "UTC":
            return 0
        minutes = int(zone[1:3]) * 60 + int(zone[4:6])
        return (-minutes if zone.startswith("-") else minutes) * 60_000

    def word(self, option: str, default: Word) -> Word:
        """An option that is one of a few words; any other counts as the default, and the link says so."""
        chosen = self.options.get(option)
        return next((word for word in type(default) if word == chosen), default)


_FEW = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelChange(Change):
    """The settings of a channel that can be changed."""

    thing: ClassVar[type] = Channel
    groups: ClassVar[tuple[Group, ...]] = (
        Group("Connection", ("host", "port", "user", "connections", "window", "answer_timeout_s", "heartbeat_s")),
        Group("Sending", ("state", "rate", "cost_e4", "on_doubt", "reroute_after_s")),
        Group("Numbers and signature", ("access", "access_most", "signature")),
        Group("Receipts", ("receipts", "id_form", "id_lifetime_s")),
        Group("Other options of the protocol", ("options",)),
    )

    host: str | None = described(
        "Address of the carrier.",
        pattern("give the name or the address of a host", r"[a-z0-9._:%-]{1,255}"),
        protocols=OF_CARRIERS,
    )
    port: int | None = described("Port of the carrier.", number(0, 65_535), protocols=OF_CARRIERS)
    user: str | None = described(
        "Login name: system_id of SMPP, source_addr of CMPP, ClientID of SMGP, Login Name of SGIP.",
        text(128),
        protocols=OF_CARRIERS,
    )
    state: ChannelState | None = described("Whether it connects, and sends.", word(ChannelState))
    window: int | None = described("Requests unanswered on one connection.", number(1, 10_000), protocols=OF_CARRIERS)
    connections: int | None = described("Connections at once.", number(1, 100), protocols=OF_CARRIERS)
    rate: int | None = described("Segments a second over all connections; 0 for no limit.", number(0, _FEW))
    access: str | None = described("Access number, before extension digits.", text(21))
    access_most: int | None = described("Digits of access number and extension together.", number(0, 21))
    signature: SignaturePlace | None = described("Where the signature stands when a message leaves.", word(SignaturePlace))
    on_doubt: OnDoubt | None = described("What becomes of a message whose answer never came.", word(OnDoubt))
    receipts: ReceiptsGiven | None = described("Of which parts of a long message receipts come.", word(ReceiptsGiven))
    id_form: IdForm | None = described("How receipts spell message ids, compared with answers.", word(IdForm))
    id_lifetime_s: int | None = described("Seconds after which the carrier may give a message id again.", number(1, _FEW))
    reroute_after_s: int | None = described("Seconds after which a dead channel's messages go another way.", number(1, _FEW))
    answer_timeout_s: float | None = described(
        "Seconds to wait for an answer.", seconds(0.1, 86_400), column="answer_timeout_ms", protocols=OF_CARRIERS
    )
    heartbeat_s: float | None = described(
        "Seconds of silence before a heartbeat.", seconds(0.1, 86_400), column="heartbeat_ms", protocols=OF_CARRIERS
    )
    options: Mapping[str, str] | None = described(
        "Setting of the protocol, as name=value; may be repeated. Of what it reads: "
        "receipt_zone, alphabet, utf8_coding, guess_header, pad_client_id.",
        Kind(
            "give settings as name=value",
            checked_options,
            lambda held: json.dumps(held, ensure_ascii=False, separators=(",", ":")),
            json.loads,
            shown=without_password,
            is_list=True,
        ),
    )
    cost_e4: int | None = described("What the carrier takes for a segment, in 0.0001 CNY.", number(0, _FEW))


CHANNEL_SECRET = secret("give up to {most} characters that can be seen, and no blanks round them", r".*", 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOpening(Change):
    """The values of a channel that are set when it is added. Of them the secret can be changed, by a command of its own."""

    name: str | None = described("What it is called here; it cannot be changed.", NAME, is_required=True)
    protocol: Protocol | None = described("What the carrier speaks.", word(Protocol), is_required=True)
    product: Product | None = described(
        "What it carries, where the protocol carries both.", word(Product), words_of=products_of
    )
    secret: str | None = described(
        "The secret that the carrier gave, if it gave one; it is sealed and never shown.",
        CHANNEL_SECRET,
        protocols=OF_CARRIERS,
    )

    def channel(self, settings: ChannelChange, options: ChannelOptions = ChannelOptions()) -> Channel:
        """Returns the new channel. It carries the usual product of its protocol where none is set."""
        assert self.protocol is not None  # it is required
        usual = {"product": products_of(self.protocol)[0]}
        held = {"options": {**(settings.options or {}), **options.options()}}
        return Channel(0, **usual | self.values() | settings.values() | held)


def check_channel(channel: Channel) -> None:
    """raises: Invalid for settings that do not go together"""
    if channel.protocol in OF_CARRIERS and not (channel.host and channel.port):
        raise Invalid("{protocol} needs a host and a port", protocol=channel.protocol)
    if channel.protocol is Protocol.SGIP and not channel.options.get("node"):
        raise Invalid("sgip needs a node: 3, area code in four digits, enterprise code in five")
