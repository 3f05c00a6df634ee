"""Customers and their accounts: who may send, what it costs, where reports go."""

import secrets
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.account import AccountChange, CustomerChange, Product
from hongyan.model.act import Act
from hongyan.model.approval import AloneRule, MoneyChange, MoneyKind
from hongyan.model.fields import fields_of, loaded
from hongyan.model.staff import Permission
from hongyan.model.told import Told
from hongyan.ports.admin import AdminStore
from hongyan.ports.tx import Tx
from hongyan.services.admin import accounts, approvals, tasks
from hongyan.services.admin.accounts import NewAccount
from hongyan.services.admin.approvals import Made
from hongyan.services.queries import reading, statements
from hongyan.web.access import Page, person_of
from hongyan.web.forms import Control, FormPage, controls, product_of, said, show_form, shown, typed, whole, words_of
from hongyan.web.pages import done, show
from hongyan.web.screens.screen import Screen
from hongyan.web.words import head

FIRST_NAMES = ("pay_mode", "charge_rule", "products", "dialect", "push_url", "push_format", "ip_list", "signature_rule")
"""What is asked of a new account; the rest is as usual until it is changed."""

_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that is taken for another
_LENGTH = 16
_OVERLAP_HOURS_MOST = 31 * 24


def new_secret() -> str:
    return "".join(secrets.choice(_LETTERS) for _each in range(_LENGTH))


class CustomerScreen(Screen):
    def __init__(self, admin: AdminStore, alone: AloneRule) -> None:
        super().__init__(admin)
        self._alone = alone

    def pages(self) -> list[Page]:
        return [
            Page("/customers", self.customers, Permission.SEE),
            Page("/customers/new", self.new_customer, Permission.CUSTOMERS),
            Page("/customers/new", self.add_customer, Permission.CUSTOMERS, methods=["POST"]),
            Page("/customers/{number:int}", self.customer, Permission.CUSTOMERS),
            Page("/customers/{number:int}", self.change_customer, Permission.CUSTOMERS, methods=["POST"]),
            Page("/accounts", self.accounts, Permission.SEE),
            Page("/accounts/new", self.new, Permission.SECRETS),
            Page("/accounts/new", self.add, Permission.SECRETS, methods=["POST"]),
            Page("/accounts/{name}", self.account, Permission.SEE),
            Page("/accounts/{name}/settings", self.settings, Permission.CUSTOMERS),
            Page("/accounts/{name}/settings", self.change, Permission.CUSTOMERS, methods=["POST"]),
            Page("/accounts/{name}/stop", self.stop, Permission.CUSTOMERS, methods=["POST"]),
            Page("/accounts/{name}/start", self.start, Permission.CUSTOMERS, methods=["POST"]),
            Page("/accounts/{name}/secret", self.change_secret, Permission.SECRETS, methods=["POST"]),
            Page("/accounts/{name}/topup", self.top_up, Permission.MONEY, methods=["POST"]),
            Page("/accounts/{name}/adjust", self.adjust, Permission.MONEY, methods=["POST"]),
            Page("/accounts/{name}/credit", self.set_credit, Permission.MONEY, methods=["POST"]),
            Page("/accounts/{name}/price", self.set_price, Permission.MONEY, methods=["POST"]),
        ]

    # --- customers

    async def customers(self, request: Request) -> Response:
        return show(request, "screens/customers.html", {"rows": await self.admin.read(reading.customers)})

    async def new_customer(self, request: Request) -> Response:
        return self._new_customer(request, {})

    def _new_customer(self, request: Request, given: Mapping[str, Any], trouble: Told | None = None) -> Response:
        number = Control(
            "customer_id", _("Number"), _("The userid of the interfaces; customers' programs send it."), "number", required=True
        )
        own = [number.holding(given)]
        page = FormPage(_("New customer"), ("/customers", _("Customers")), _("Add"), own + controls(CustomerChange, given))
        return show_form(request, page, trouble)

    async def add_customer(self, request: Request) -> Response:
        form = await request.form()
        try:
            number, parent = whole(form.get("customer_id"), "customer_id"), str(form.get("parent_id", "")).strip()
            above = whole(parent, "parent_id") if parent else None
            await self.acting(request).change(accounts.add_customer, number, str(form.get("name", "")).strip(), above)
        except Told as error:
            return self._new_customer(request, typed(form), error)
        return done("/customers", _("The customer is there."))

    async def customer(self, request: Request) -> Response:
        row = await self.admin.read(accounts.find_customer, request.path_params["number"])
        return self._customer(request, loaded(CustomerChange, row))

    def _customer(self, request: Request, values: Mapping[str, Any], trouble: Told | None = None) -> Response:
        title = _("Customer {number}", number=request.path_params["number"])
        page = FormPage(title, ("/customers", _("Customers")), _("Change"), controls(CustomerChange, values))
        return show_form(request, page, trouble)

    async def change_customer(self, request: Request) -> Response:
        form = await request.form()
        try:
            told = {"name": str(form.get("name", "")).strip()}
            parent = str(form.get("parent_id", "")).strip()
            change = CustomerChange(**told, parent_id=whole(parent, "parent_id") if parent else None)
            await self.acting(request).change(accounts.change_customer, request.path_params["number"], change)
        except Told as error:
            return self._customer(request, typed(form), error)
        return done("/customers", _("The customer is changed."))

    # --- accounts

    async def accounts(self, request: Request) -> Response:
        return show(request, "screens/accounts.html", {"rows": await self.admin.read(reading.accounts)})

    async def account(self, request: Request) -> Response:
        name = request.path_params["name"]
        row = await self.admin.read(reading.account, name)
        settings = shown(AccountChange, await self.admin.read(accounts.find_account, name), ["is_stopped"])
        pushes = await self.admin.read(reading.pushes, name, 10)
        newest = await self.admin.read(reading.tasks, 10, name)
        products = words_of("product", (product.name.lower() for product in Product))
        by_hand = await self.admin.read(statements.by_hand, name, 10)
        facts = {
            "by_hand": by_hand,
            "account": row,
            "settings": settings,
            "pushes": pushes,
            "tasks": newest,
            "products": products,
        }
        return show(request, "screens/account.html", facts)

    async def new(self, request: Request) -> Response:
        return self._new(request, {})

    def _new(self, request: Request, given: Mapping[str, Any], trouble: Told | None = None) -> Response:
        own = [
            Control("name", head("name"), _("What its programs log in with; it cannot be changed."), required=True),
            Control(
                "customer_id",
                _("Number of the customer"),
                _("The userid of the interfaces; a new one makes a customer."),
                "number",
                required=True,
            ),
            Control("customer_name", _("Name of the customer"), _("Where the number is new.")),
        ]
        money = [Control("points", _("First points"), _("That were paid for; 0 for none yet."), "number", 0)]
        if not person_of(request).may(Permission.MONEY):
            money = []
        page = FormPage(
            _("New account"), ("/accounts", _("Accounts")), _("Add, and show the credentials"),
            [one.holding(given) for one in own] + controls(AccountChange, given, FIRST_NAMES) + [one.holding(given) for one in money],
            _("Its API password is made by chance and shown once, on the sheet that you then print."),
        )  # fmt: skip
        return show_form(request, page, trouble)

    async def add(self, request: Request) -> Response:
        form, secret = await request.form(), new_secret()
        try:
            name, customer_id = str(form.get("name", "")).strip(), whole(form.get("customer_id"), "customer_id")
            settings = said(AccountChange, form, FIRST_NAMES)
            new = NewAccount(name, customer_id, secret, settings, str(form.get("customer_name", "")).strip())
            points = whole(form.get("points") or 0, "points") if person_of(request).may(Permission.MONEY) else 0
            await self.acting(request).change(self._open, new, points)
        except Told as error:
            return self._new(request, typed(form), error)
        return await self._sheet(request, name, secret)

    def _open(self, tx: Tx, act: Act, new: NewAccount, points: int) -> None:
        """Add an account, and its first points: many of them wait for a second person."""
        accounts.add_account(tx, act, new, self.admin.sealer)
        if points:
            product = (new.settings.products or (Product.SMS,))[0]
            approvals.make_or_ask(tx, act, MoneyChange(MoneyKind.TOP_UP, new.name, points, product), self._alone)

    async def _sheet(self, request: Request, name: str, secret: str) -> Response:
        """The credentials, once."""
        return show(request, "screens/sheet.html", {"account": await self.admin.read(reading.account, name), "secret": secret})

    async def settings(self, request: Request) -> Response:
        row = await self.admin.read(accounts.find_account, request.path_params["name"])
        return self._settings(request, loaded(AccountChange, row))

    def _settings(self, request: Request, values: Mapping[str, Any], trouble: Told | None = None) -> Response:
        name = request.path_params["name"]
        names = [field.name for field in fields_of(AccountChange) if field.name != "is_stopped"]
        page = FormPage(
            _("Settings of {name}", name=name), (f"/accounts/{name}", name), _("Change"), controls(AccountChange, values, names)
        )
        return show_form(request, page, trouble)

    async def change(self, request: Request) -> Response:
        name, form = request.path_params["name"], await request.form()
        try:
            await self.acting(request).change(accounts.change_account, name, said(AccountChange, form))
        except Told as error:
            return self._settings(request, typed(form), error)
        return done(f"/accounts/{name}", _("The settings are changed; they hold from the next request on."))

    async def stop(self, request: Request) -> Response:
        """Also what it has waiting, where that is asked for."""
        name, form = request.path_params["name"], await request.form()
        store = self.acting(request)
        await store.change(accounts.change_account, name, AccountChange(is_stopped=True))
        waiting = str(form.get("tasks", "keep"))
        if waiting in {"pause", "cancel"}:
            stopped = await (tasks.cancel_all if waiting == "cancel" else tasks.pause_all)(store, name)
            told = _(
                "{name} is stopped; {count} messages of {tasks} tasks too.", name=name, count=stopped.count, tasks=stopped.tasks
            )
            return done(f"/accounts/{name}", told)
        return done(f"/accounts/{name}", _("{name} is stopped: it may neither send nor read.", name=name))

    async def start(self, request: Request) -> Response:
        name = request.path_params["name"]
        await self.acting(request).change(accounts.change_account, name, AccountChange(is_stopped=False))
        return done(f"/accounts/{name}", _("{name} works again.", name=name))

    async def change_secret(self, request: Request) -> Response:
        name, secret = request.path_params["name"], new_secret()
        hours = whole((await request.form()).get("hours") or 0, "hours", 0, _OVERLAP_HOURS_MOST)
        overlap_ms = hours * 3_600_000
        await self.acting(request).change(accounts.change_secret, name, secret, self.admin.sealer, overlap_ms)
        return await self._sheet(request, name, secret)

    # --- money

    async def top_up(self, request: Request) -> Response:
        form = await request.form()
        note = str(form.get("note", "")).strip()
        change = MoneyChange(MoneyKind.TOP_UP, *_whose(request, form), note=note, is_forced=_is_forced(form))
        return await self._make(request, change)

    async def adjust(self, request: Request) -> Response:
        form = await request.form()
        note = str(form.get("note", "")).strip()
        change = MoneyChange(MoneyKind.ADJUST, *_whose(request, form), note=note, is_forced=_is_forced(form))
        return await self._make(request, change)

    async def set_credit(self, request: Request) -> Response:
        return await self._make(request, MoneyChange(MoneyKind.CREDIT, *_whose(request, await request.form())))

    async def set_price(self, request: Request) -> Response:
        form = await request.form()
        carrier = str(form.get("carrier", "")).strip() or None
        return await self._make(request, MoneyChange(MoneyKind.PRICE, *_whose(request, form), carrier=carrier))

    async def _make(self, request: Request, change: MoneyChange) -> Response:
        """At once, or when a second person approves."""
        made = await self.acting(request).change(approvals.make_or_ask, change, self._alone)
        return done(f"/accounts/{change.account}", _told(change, made))


def _told(change: MoneyChange, made: Made) -> str:
    if made.waits is not None:
        return _("This is made once a second person approves it; it waits under Second person.")
    match change.kind:
        case MoneyKind.TOP_UP:
            return _("{points} points were added; the balance is {balance}.", points=change.points, balance=made.balance)
        case MoneyKind.CREDIT:
            return _("The credit holds from the next request on.")
        case MoneyKind.PRICE:
            return _("The price holds from the next request on.")
        case _:
            return _("The balance was corrected; it is {balance}.", balance=made.balance)


def _whose(request: Request, form: Mapping[str, Any]) -> tuple[str, int, Product]:
    """Account, points and product of a form about money. raises: Unfit"""
    return request.path_params["name"], whole(form.get("points"), "points"), product_of(form)


def _is_forced(form: Mapping[str, Any]) -> bool:
    return form.get("is_forced") == "yes"
