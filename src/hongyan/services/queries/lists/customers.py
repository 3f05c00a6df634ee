"""Customers, their accounts and prices, and sites."""

from hongyan.model.account import AccountChange, Product
from hongyan.model.columns import Facts, columns_of
from hongyan.model.customer import CustomerChange
from hongyan.model.fields import Param
from hongyan.model.kinds import FLAG, number, text
from hongyan.model.listener import ListenerChange
from hongyan.model.site import SiteChange
from hongyan.ports.tx.customer_sessions import SessionListTx
from hongyan.ports.tx.queries import ListsTx
from hongyan.ports.tx.shared import ConfigRowsTx
from hongyan.services.admin import customer_sessions, listeners, sites
from hongyan.services.queries.account_details import accounts_after
from hongyan.services.queries.lists.filters import OF_ACCOUNT
from hongyan.services.queries.lists.listing import Listing, ListQuery
from hongyan.services.queries.lists.names import only_of

NAME_WITH = Param("name", "Only those whose name holds this.", text(64))
OF_CUSTOMER = Param("customer", "Only of the customer with this number.", number(0, 2**31 - 1))


def _customers(tx: ConfigRowsTx, query: ListQuery) -> list[Facts]:
    return tx.rows_after("customer", "id", query.after, query.most, {}, query.named("name"))


def _accounts(tx: ListsTx, query: ListQuery) -> list[Facts]:
    return accounts_after(tx, query.after, query.most, query.given.get("customer"), query.named("name"))


def _prices(tx: ListsTx, query: ListQuery) -> list[Facts]:
    rows = tx.prices_after(only_of(tx, query).get("account_id"), tuple(query.after) if query.after else None, query.most)
    return [row | {"place": [row["account"], row["product"], row["carrier"]]} | _in_words(row) for row in rows]


def _in_words(price: Facts) -> Facts:
    return {"product": Product(price["product"]).name.lower(), "carrier": price["carrier"] or "any"}


def _sites(tx: ConfigRowsTx, _: ListQuery) -> list[Facts]:
    return sites.sites(tx)


def _listeners(tx: SessionListTx, query: ListQuery) -> list[Facts]:
    return listeners.listeners(tx, query.now_ms)


def _sessions(tx: SessionListTx, query: ListQuery) -> list[Facts]:
    return customer_sessions.customer_sessions(
        tx, query.now_ms, query.before_id, query.most, query.named("account"), with_closed=bool(query.given.get("closed"))
    )


CUSTOMERS = Listing(
    name="customers",
    thing="Customer",
    title="Customers",
    summary="List customers.",
    columns=columns_of("id:int parent_id:int? made_ms"),
    table=("id", "name", "parent_id", "made_ms"),
    rows=_customers,
    filters=(NAME_WITH,),
    of=CustomerChange,
)

ACCOUNTS = Listing(
    name="accounts",
    thing="Account",
    title="Accounts",
    summary="List accounts with their balances.",
    columns=columns_of(
        "id:int customer_id:int customer name state points:int? credit:int? topped_up:int? made_ms old_secret_ends_ms"
    ),
    table=("name", "customer", "customer_id", "points", "credit", "state", "pay_mode", "dialect", "push_url"),
    rows=_accounts,
    filters=(NAME_WITH, OF_CUSTOMER),
    of=AccountChange,
    order=("name",),
)

PRICES = Listing(
    name="prices",
    thing="Price",
    title="Prices",
    summary="List what accounts pay, where that is said.",
    columns=columns_of("account product carrier points:int"),
    table=("account", "product", "carrier", "points"),
    rows=_prices,
    filters=(OF_ACCOUNT,),
    order=("place",),
)

SITES = Listing(
    name="sites",
    thing="Site",
    title="Sites",
    summary="List sites: what a host name shows.",
    columns=columns_of("host"),
    table=("host", "dialect", "brand", "language", "clean_text"),
    rows=_sites,
    of=SiteChange,
    order=("host",),
    is_whole=True,
)

LISTENERS = Listing(
    name="listeners",
    thing="Listener",
    title="Listeners",
    summary="List listeners: where customers connect as to a carrier.",
    columns=columns_of("id:int name protocol state sessions:int made_ms"),
    table=("name", "protocol", "address", "port", "tls", "state", "sessions", "connections_most", "ip_list"),
    rows=_listeners,
    of=ListenerChange,
    order=("name",),
    is_whole=True,
)

CLOSED = Param("closed", "Those too that ended within a month.", FLAG, usual=False)

SESSIONS = Listing(
    name="sessions",
    thing="Session",
    title="Sessions",
    summary="List the sessions of customers who connect as to a carrier, the newest first.",
    columns=columns_of(
        "id:int account protocol version address listener_id:int owner receives:bool state opened_ms seen_ms closed_ms why submits:int"
        " refused:int faults:int held_until_ms deliveries:int waiting_in:int waiting_out:int"
    ),
    table=(
        "id", "account", "protocol", "version", "address", "state", "opened_ms", "submits", "faults", "held_until_ms", "deliveries",
        "waiting_out",
    ),
    rows=_sessions,
    filters=(OF_ACCOUNT, CLOSED),
    usual_most=100,
)  # fmt: skip

LISTS: tuple[Listing, ...] = (CUSTOMERS, ACCOUNTS, PRICES, SITES, LISTENERS, SESSIONS)
