"""Channels, routes and what carriers' codes mean."""

from hongyan.i18n import language
from hongyan.model.account import Product
from hongyan.model.channel import ChannelChange
from hongyan.model.columns import Facts, columns_of
from hongyan.model.fields import Param
from hongyan.model.kinds import name, word
from hongyan.model.meaning import CodeClass
from hongyan.model.protocol import PROTOCOL_NAMES
from hongyan.ports.tx.codes import CodesTx
from hongyan.ports.tx.queries import ListsTx
from hongyan.services.admin import codes
from hongyan.services.queries.channel_details import all_channels
from hongyan.services.queries.lists.filters import OF_CHANNEL
from hongyan.services.queries.lists.listing import Listing, ListQuery
from hongyan.services.queries.routes import routes_in_order

OF_CLASS = Param("class", "Only of this class.", word(CodeClass))
LIKE = Param("code", "Only codes that hold this.", name(32))


def _channels(tx: ListsTx, _: ListQuery) -> list[Facts]:
    return [row | {"product": Product(row["product"]).name.lower()} for row in all_channels(tx)]


def _routes(tx: ListsTx, _: ListQuery) -> list[Facts]:
    return [row | {"place": place} for place, row in enumerate(routes_in_order(tx))]


def _codes(tx: CodesTx, query: ListQuery) -> list[Facts]:
    """Returns codes, those with an operator's rule first."""
    wanted, part = query.given.get("class"), query.named("code").lower()
    return [
        row | {"place": place}
        for place, row in enumerate(codes.known_codes(tx, query.named("channel") or None))
        if wanted in {None, row["class"]} and part in row["code"].lower()
    ]


_NAMES = PROTOCOL_NAMES | {"hongyan": "Hongyan"}


def _with_meaning(row: Facts) -> Facts:
    of = row["of"] if row["set_for"] else _NAMES.get(row["of"].partition("_")[0], row["of"])  # mm7_status is MM7's, too
    return row | {"of": of, "meaning": row["chinese" if language() == "zh" else "english"]}


def _unknown_codes(tx: CodesTx, _: ListQuery) -> list[Facts]:
    """Returns codes without a rule, the most frequent first."""
    return [row | {"place": [-row["seen"], row["channel"], row["code"]]} for row in codes.unknown_codes(tx)]


CHANNELS = Listing(
    name="channels",
    thing="Channel",
    title="Channels",
    summary="List channels with their connection and backlog.",
    columns=columns_of("id:int name protocol product link since_ms owner trouble queued:int oldest_ms made_ms"),
    table=("name", "protocol", "host", "port", "state", "link", "window", "rate", "queued"),
    rows=_channels,
    of=ChannelChange,
    order=("name",),
    is_whole=True,
)

ROUTES = Listing(
    name="routes",
    thing="Route",
    title="Routes",
    summary="List routes in the order in which they are tried.",
    columns=columns_of("id:int account product carrier channel tier:int weight:int"),
    table=("id", "account", "product", "carrier", "channel", "tier", "weight"),
    rows=_routes,
    order=("place",),
    is_whole=True,
)

CODES = Listing(
    name="codes",
    thing="Code",
    title="Codes",
    summary="List what carriers' codes mean: what you said of them first, then what comes with Hongyan.",
    columns=columns_of("of set_for code class fault points resend:bool english chinese"),
    table=("of", "code", "class", "fault", "points", "resend", "meaning"),
    rows=_codes,
    filters=(LIKE, OF_CHANNEL, OF_CLASS),
    order=("place",),
    is_whole=True,
    table_row=_with_meaning,
)

UNKNOWN_CODES = Listing(
    name="codes",
    thing="UnknownCode",
    title="Codes that nobody has explained",
    summary="List codes that nobody has explained, the most frequent first.",
    columns=columns_of("channel code seen:int first_ms last_ms"),
    table=("channel", "code", "seen", "first_ms", "last_ms"),
    rows=_unknown_codes,
    order=("place",),
    is_whole=True,
)

LISTS: tuple[Listing, ...] = (CHANNELS, ROUTES, CODES, UNKNOWN_CODES)
