"""The ConfigSnapshot: all that admission and routing look up, as one immutable snapshot in memory.

It is rebuilt off the hot path whenever configuration changes, and replaced as a whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hongyan.model.account import Account, Product
from hongyan.model.channel import Channel, ChannelNeed
from hongyan.model.dialect import DialectName
from hongyan.model.listener import Listener
from hongyan.model.mms import MmsLimits
from hongyan.model.number_list import NumberList
from hongyan.model.prefixes import PrefixTable
from hongyan.model.route import Route, RoutePlan
from hongyan.model.site import Site
from hongyan.model.words import WordTable


@dataclass(frozen=True, slots=True)
class ConfigSnapshot:
    version: int = 0
    accounts: Mapping[str, Account] = field(default_factory=dict)  # by name
    accounts_by_id: Mapping[int, Account] = field(default_factory=dict)
    sites: Mapping[str, Site] = field(default_factory=dict)  # by host, lower case, without a port
    channels: Mapping[int, Channel] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    prices: Mapping[tuple[int, Product, str | None], int] = field(default_factory=dict)  # points a segment
    down: frozenset[int] = frozenset()  # channels that cannot be used now
    prefixes: PrefixTable = field(default_factory=PrefixTable)
    numbers_most: int = 100_000  # in one request
    validity_s: Mapping[Product, int] = field(default_factory=dict)  # for accounts that set none
    mms_limits: MmsLimits = field(default_factory=MmsLimits)
    shut: tuple[str, ...] = ()  # accounts and channels that are stopped because their stored secret does not open
    stale_ms: int = 0  # until when it holds if nothing changes, since an old secret ends then; 0: for ever
    words: WordTable | None = None  # None: there are none
    listed: Mapping[int, NumberList] = field(default_factory=dict, repr=False)  # by account; 0: of all accounts
    listed_version: int = 0  # the number of the last change that they hold
    signatures: Mapping[int, frozenset[str]] = field(default_factory=dict)  # approved signatures by account
    listeners: Mapping[int, Listener] = field(default_factory=dict)  # listeners of customers' sessions
    templates: Mapping[tuple[int, str], str] = field(default_factory=dict, repr=False)  # texts by account and number
    route_plans: dict[tuple[int, Product, str, ChannelNeed], RoutePlan] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """Results of policy.routing over this snapshot; `dataclasses.replace` starts an empty one."""

    extno_owners: Mapping[str, tuple[Account, ...]] = field(init=False, repr=False, compare=False)  # accounts by extno
    countries: frozenset[str] = field(init=False, repr=False, compare=False)  # foreign destinations that routes or prices name
    accounts_by_sid: Mapping[str, Account] = field(init=False, repr=False, compare=False)
    accounts_by_login: Mapping[str, Account] = field(init=False, repr=False, compare=False)  # with sessions
    accounts_of: Mapping[int, tuple[Account, ...]] = field(init=False, repr=False, compare=False)
    """The accounts of each customer, in the order in which they were made."""

    def __post_init__(self) -> None:
        owners: dict[str, list[Account]] = {}
        customers: dict[int, list[Account]] = {}
        for _, account in sorted(self.accounts_by_id.items()):
            customers.setdefault(account.customer_id, []).append(account)
            if account.extno:
                owners.setdefault(account.extno, []).append(account)
        object.__setattr__(self, "extno_owners", {extno: tuple(accounts) for extno, accounts in owners.items()})
        object.__setattr__(self, "accounts_of", {customer: tuple(accounts) for customer, accounts in customers.items()})
        destinations = {route.carrier for route in self.routes} | {carrier for _, _, carrier in self.prices}
        object.__setattr__(self, "countries", frozenset(one for one in destinations if one and one.startswith("+")))
        by_sid = {account.sid: account for account in self.accounts_by_id.values() if account.sid}
        object.__setattr__(self, "accounts_by_sid", by_sid)
        connecting = [account for account in self.accounts_by_id.values() if account.protocols]
        object.__setattr__(self, "accounts_by_login", {one.protocol_login or one.name: one for one in connecting})

    def site(self, host: str) -> Site:
        """Returns the site of a Host header; the one with an empty host if none fits."""
        name = host.rsplit(":", 1)[0].lower() if ":" in host else host.lower()
        return self.sites.get(name) or self.sites.get("") or Site("", DialectName.HX)
