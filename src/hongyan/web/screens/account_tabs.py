"""The tabs of an account's page: settings, and lists of the account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import LiteralString

from hongyan.i18n import N_
from hongyan.model.account import AccountChange, Product, extno_digits
from hongyan.model.account_secrets import SecretOverlap
from hongyan.model.columns import Facts
from hongyan.model.dialect import DialectName
from hongyan.model.fields import fields_of, loaded, names_in
from hongyan.model.money import BalanceCorrection, CreditChange, MoneyForm, PriceChange, TopUp
from hongyan.model.staff import Permission
from hongyan.ports.tx import Tx
from hongyan.services.admin import accounts
from hongyan.services.queries.lists.customers import SESSIONS
from hongyan.services.queries.lists.delivery import PUSHES
from hongyan.services.queries.lists.listing import Listing
from hongyan.services.queries.lists.money import ENTRIES
from hongyan.services.queries.lists.people import AUDIT
from hongyan.services.queries.lists.rules import SIGNATURES, TEMPLATES
from hongyan.services.queries.lists.tasks import TASKS
from hongyan.services.queries.routes import routes_in_order
from hongyan.web.forms import Control, controls, shown

ROWS = 20
"""Rows of a list on a tab; if there are more, a link leads to the whole list."""


@dataclass(frozen=True, slots=True)
class AccountTab:
    """fields: settings that it shows, all if none are named; lists: by their names in the template, with links"""

    name: str  # in the address, and the name of its template
    title: LiteralString
    fields: Sequence[str] = ()
    lists: Mapping[str, tuple[Listing, Mapping[str, str]]] = field(default_factory=dict)
    needs: Permission = Permission.SEE


def _in(*groups: str) -> tuple[str, ...]:
    return names_in(AccountChange, *groups)


_NONE: Mapping[str, str] = {}
TABS = (
    AccountTab("", N_("Overview"), lists={"tasks": (TASKS, {"id": "/tasks/{id}"})}),
    AccountTab("access", N_("Credentials"), _in("Requests")),
    AccountTab("products", N_("Products and prices"), _in("Products and charging")),
    AccountTab(
        "signatures", N_("Signatures and templates"), _in("Texts"),
        {"signatures": (SIGNATURES, _NONE), "templates": (TEMPLATES, _NONE)},
    ),
    AccountTab("money", N_("Wallets"), ("pay_mode",), {"by_hand": (ENTRIES, _NONE)}),
    AccountTab("pushes", N_("Pushes"), _in("Pushes"), {"pushes": (PUSHES, _NONE)}),
    AccountTab(
        "protocols", N_("Protocols"),
        _in("Sessions", "Texts on sessions"),
        {"sessions": (SESSIONS, {"id": "/sessions/{id}"})},
    ),
    AccountTab(
        "limits", N_("Limits"),
        (*_in("Extension numbers", "Waiting and second tries"), "ip_list"),
    ),
    AccountTab("audit", N_("Audit"), ("is_stopped",), {"audit": (AUDIT, _NONE)}, Permission.AUDIT),
)  # fmt: skip


def tab_named(name: str) -> AccountTab:
    """Returns the tab of this name, by default the first."""
    return next((tab for tab in TABS if tab.name == name), TABS[0])


def facts_of(tx: Tx, tab: AccountTab, name: str) -> Facts:
    """Returns the facts of a tab besides its lists. raises: NotFound"""
    row = accounts.find_account(tx, name)
    row["extno_most"] = extno_digits(row["extno_most"], DialectName(row["dialect"]))
    names = {one.name for one in fields_of(AccountChange)}
    return {
        "settings": shown(AccountChange, loaded(AccountChange, row), names - set(tab.fields) if tab.fields else ["is_stopped"]),
        "overlap": controls(SecretOverlap, {"overlap_h": 24}),
        "money": _money_forms(tx, row["id"]),
        "routes": [route for route in routes_in_order(tx) if route["account"] == name] if tab.name == "products" else [],
    }


def _money_forms(tx: Tx, account_id: int) -> dict[str, list[Control]]:
    """Returns the controls of each change of money, by its kind."""
    wallet = tx.read_wallet(account_id, int(Product.SMS))
    as_it_is = {"points": wallet.credit if wallet else 0}
    forms: dict[type[MoneyForm], Facts] = {TopUp: {}, CreditChange: as_it_is, BalanceCorrection: {}, PriceChange: {"points": 1}}
    return {what.kind.value: controls(what, values) for what, values in forms.items()}


def of_account(listing: Listing) -> str:
    """Returns the filter for the account: in the audit it is the subject."""
    return "account" if any(one.name == "account" for one in listing.filters) else "subject"
