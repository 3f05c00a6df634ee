"""Accounts: who may send, what it costs, where reports go."""

import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, LiteralString

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import N_, _
from hongyan.model.account import AccountChange, AccountOpening
from hongyan.model.account_secrets import PROTOCOL_SECRET_MOST, SecretOverlap
from hongyan.model.approval import AloneRule
from hongyan.model.errors import AdminError, Invalid, NotFound
from hongyan.model.fields import loaded
from hongyan.model.kinds import word
from hongyan.model.masking import without_password
from hongyan.model.money import OpeningMoney
from hongyan.model.staff import Permission
from hongyan.ports.admin import AdminStore
from hongyan.services.admin import accounts, listeners, sending, tasks
from hongyan.services.admin.accounts import NewAccount
from hongyan.services.admin.opening import Opening, open_customer
from hongyan.services.admin.tasks import Stopped, WaitingTasks
from hongyan.services.queries.account_details import account_details
from hongyan.services.queries.lists.customers import ACCOUNTS
from hongyan.web.access import Page, person_of
from hongyan.web.forms import FormPage, controls, read_form, show_form, typed
from hongyan.web.lists import ListView
from hongyan.web.pages import done, show
from hongyan.web.screens.account_tabs import ROWS, TABS, facts_of, of_account, tab_named
from hongyan.web.screens.messages import on_its_way
from hongyan.web.screens.screen import Screen
from hongyan.web.trials import Trials
from hongyan.web.words import number

FIRST_NAMES = ("pay_mode", "charge_rule", "products", "dialect", "push_url", "push_format", "ip_list", "signature_rule")
"""Settings that a new account is asked for; the others have their usual values until they are changed."""

TASK_ORDERS: dict[str, tuple[Callable[[AdminStore, str], Awaitable[Stopped]], LiteralString]] = {
    "cancel": (
        tasks.cancel_all,
        N_(
            "{tasks:task|tasks} of {name}: {count:message is|messages are} cancelled, and {points:point|points} came back; "
            "{leaving:is|are} leaving already."
        ),
    ),
    "pause": (
        tasks.pause_all,
        N_("{tasks:task|tasks} of {name}: {count:message is|messages are} paused; {leaving:is|are} leaving already."),
    ),
    "resume": (tasks.resume_all, N_("{tasks:task|tasks} of {name}: {count:message goes|messages go} on.")),
}
"""What is done to all that an account has waiting, by its word in the address."""

_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"  # letters and digits that are not confused with each other


def new_secret(length: int = 16) -> str:
    return "".join(secrets.choice(_LETTERS) for _each in range(length))


def opening_of(request: Request, form: FormData, names: Iterable[str], channels: Sequence[str] = ()) -> Opening:
    """Returns what a form says of a new account. Without the permission to change money the account gets none. raises: Invalid

    names: of its settings that the form asks for
    """
    settings = read_form(AccountChange, form, names)
    account = NewAccount(secret=new_secret(), settings=settings, **read_form(AccountOpening, form).values())
    money = read_form(OpeningMoney, form) if person_of(request).may(Permission.MONEY) else OpeningMoney()
    return Opening(account, money, channels)


def _wallets(account: Mapping[str, Any]) -> str:
    """Returns what there is to say beside the balance; an account that sends MMS alone has none for SMS."""
    notes = []
    if account["points"] is None:
        notes.append(_("no wallet for SMS"))
    elif account["credit"]:
        notes.append(_("the credit is {credit}", credit=number(account["credit"])))
    if "mms_points" in account:
        notes.append(_("MMS: {points}", points=number(account["mms_points"])))
    return " · ".join(notes)


class AccountScreen(Screen):
    def __init__(self, admin: AdminStore, alone: AloneRule, trials: Trials) -> None:
        super().__init__(admin)
        self._alone, self._trials = alone, trials

    def pages(self) -> list[Page]:
        return [
            Page("/accounts", self.accounts, Permission.SEE),
            Page("/accounts/new", self.new, Permission.SECRETS),
            Page("/accounts/new", self.add, Permission.SECRETS, methods=["POST"]),
            Page("/accounts/{name}", self.account, Permission.SEE),
            Page("/accounts/{name}/push-test", self.test_push, Permission.TRAFFIC, methods=["POST"]),
            Page("/accounts/{name}/send", self.send, Permission.TRAFFIC, methods=["POST"]),
            Page("/accounts/{name}/settings", self.settings, Permission.CUSTOMERS),
            Page("/accounts/{name}/settings", self.change, Permission.CUSTOMERS, methods=["POST"]),
            Page("/accounts/{name}/stop", self.stop, Permission.CUSTOMERS, methods=["POST"]),
            Page("/accounts/{name}/start", self.start, Permission.CUSTOMERS, methods=["POST"]),
            Page("/accounts/{name}/tasks/{order}", self.order_tasks, Permission.TRAFFIC, methods=["POST"]),
            Page("/accounts/{name}/secret", self.change_secret, Permission.SECRETS, methods=["POST"]),
            Page("/accounts/{name}/protocol-secret", self.change_protocol_secret, Permission.SECRETS, methods=["POST"]),
            Page("/accounts/{name}/protocol-secret/drop", self.drop_protocol_secret, Permission.SECRETS, methods=["POST"]),
        ]

    async def accounts(self, request: Request) -> Response:
        empty = (
            _("There is no account yet."),
            _("An account is what a customer's programs log in with; it has a balance, prices and rules."),
        )
        return await self.show_list(request, ACCOUNTS, ListView(empty, {"name": "/accounts/{name}"}), "screens/accounts.html")

    async def account(self, request: Request) -> Response:
        return await self._account(request, request.query_params.get("tab", ""))

    async def _account(self, request: Request, tab: str = "", **facts: Any) -> Response:
        """raises: NotFound, HTTPException 403 for a tab that is not for this person"""
        name = request.path_params["name"]
        chosen = tab_named(tab)
        if not person_of(request).may(chosen.needs):
            raise HTTPException(403)
        row = await self.admin.read(account_details, name)
        lists = {
            what: await self.listed(request, one, ListView((_("Nothing so far."), ""), links, {of_account(one): name}, ROWS))
            for what, (one, links) in chosen.lists.items()
        }
        facts = (
            {"account": row, "wallets": _wallets(row), "tabs": TABS, "tab": chosen, "sample": None}
            | await self.admin.read(facts_of, chosen, name)
            | facts
        )
        return show(request, "screens/account.html", facts | lists)

    async def test_push(self, request: Request) -> Response:
        """Post a sample to its address, and show the outcome. raises: NotFound, Invalid if it has no address"""
        name = request.path_params["name"]
        account = (await self.admin.snapshot()).accounts.get(name)
        if account is None:
            raise NotFound("there is no account {name}", name=name)
        if not account.push_url:
            raise Invalid("{account} has no address for posts", account=name)
        pushed = await self._trials.push(account)
        answer = {
            "outcome": pushed.outcome.name.lower(),
            "status": pushed.status,
            "took_ms": pushed.took_ms,
            "answer": pushed.answer,
        }
        return await self._account(request, "pushes", sample=answer | {"url": without_password(account.push_url)})

    async def send(self, request: Request) -> Response:
        """raises: NotFound, Refusal"""
        name, form = request.path_params["name"], await request.form()
        number, text = str(form.get("number", "")).strip(), str(form.get("text", ""))
        accepted = await sending.send(self.acting(request), name, [number], text, source="console")
        return done(f"/messages?what={accepted.task_id}", on_its_way(accepted))

    async def new(self, request: Request) -> Response:
        return self._new(request, {"customer_id": request.query_params.get("customer", "")})

    def _new(self, request: Request, given: Mapping[str, Any], trouble: AdminError | None = None) -> Response:
        money = controls(OpeningMoney, given) if person_of(request).may(Permission.MONEY) else []
        page = FormPage(
            _("New account"),
            ("/accounts", _("Accounts")),
            _("Add, and show the credentials"),
            controls(AccountOpening, given) + controls(AccountChange, given, FIRST_NAMES) + money,
            _("Its API password is made by chance and shown once, on the sheet that you then print."),
        )
        return show_form(request, page, trouble)

    async def add(self, request: Request) -> Response:
        form = await request.form()
        try:
            opening = opening_of(request, form, FIRST_NAMES)
            await self.acting(request).change(open_customer, opening, self.admin.sealer, self._alone)
        except AdminError as error:
            return self._new(request, typed(form), error)
        return await self._sheet(request, opening.account.name, opening.account.secret)

    async def _sheet(self, request: Request, name: str, secret: str) -> Response:
        """Show the credentials, once."""
        return show(request, "screens/sheet.html", {"account": await self.admin.read(account_details, name), "secret": secret})

    async def settings(self, request: Request) -> Response:
        row = await self.admin.read(accounts.find_account, request.path_params["name"])
        return self._settings(request, loaded(AccountChange, row))

    def _settings(self, request: Request, values: Mapping[str, Any], trouble: AdminError | None = None) -> Response:
        name = request.path_params["name"]
        asked = [one for one in controls(AccountChange, values) if one.name != "is_stopped"]
        title = _("Settings of {name}", name=name)
        page = FormPage(title, (f"/accounts/{name}", name), _("Change"), asked, in_sections=True)
        return show_form(request, page, trouble)

    async def change(self, request: Request) -> Response:
        name, form = request.path_params["name"], await request.form()
        try:
            await self.acting(request).change(accounts.change_account, name, read_form(AccountChange, form))
        except AdminError as error:
            return self._settings(request, typed(form), error)
        return done(
            f"/accounts/{name}", _("The settings of {name} are changed; they hold from the next request on.", name=name)
        )

    async def stop(self, request: Request) -> Response:
        """Stop an account and, if asked for, what it has waiting."""
        name, form = request.path_params["name"], await request.form()
        waiting = word(WaitingTasks).checked("tasks", str(form.get("tasks", "keep")))
        stopped = await tasks.stop_account(self.acting(request), name, waiting)
        if waiting is WaitingTasks.KEEP:
            return done(f"/accounts/{name}", _("{name} is stopped: it may neither send nor read.", name=name))
        notice = _(
            "{name} is stopped; {count:message|messages} of {tasks:task|tasks} too.",
            name=name,
            count=stopped.count,
            tasks=stopped.tasks,
        )
        return done(f"/accounts/{name}", notice)

    async def start(self, request: Request) -> Response:
        name = request.path_params["name"]
        await self.acting(request).change(accounts.change_account, name, AccountChange(is_stopped=False))
        return done(f"/accounts/{name}", _("{name} works again.", name=name))

    async def order_tasks(self, request: Request) -> Response:
        """Cancel, pause or resume all that the account has waiting. raises: NotFound, Invalid"""
        name, order = request.path_params["name"], TASK_ORDERS.get(request.path_params["order"])
        if order is None:
            raise Invalid("tasks are cancelled, paused or resumed")
        act, words = order
        stopped = await act(self.acting(request), name)
        facts = {
            "name": name,
            "tasks": number(stopped.tasks),
            "count": number(stopped.count),
            "points": number(stopped.points),
            "leaving": number(stopped.leaving),
        }
        return done(f"/accounts/{name}", _(words, **facts))

    async def change_secret(self, request: Request) -> Response:
        name, secret = request.path_params["name"], new_secret()
        change = read_form(SecretOverlap, await request.form())
        await self.acting(request).change(accounts.change_secret, name, secret, self.admin.sealer, change.overlap_ms)
        return await self._sheet(request, name, secret)

    async def change_protocol_secret(self, request: Request) -> Response:
        """Set the typed secret, or a random one, and show it once. raises: NotFound, Invalid for one that SMPP cannot carry"""
        name = request.path_params["name"]
        secret = str((await request.form()).get("secret", "")).strip() or new_secret(PROTOCOL_SECRET_MOST)
        await self.acting(request).change(accounts.change_protocol_secret, name, secret, self.admin.sealer)
        facts = {
            "account": await self.admin.read(account_details, name),
            "secret": secret,
            "listeners": await self.admin.read(listeners.listeners, self.admin.now_ms()),
        }
        return show(request, "screens/protocol_sheet.html", facts)

    async def drop_protocol_secret(self, request: Request) -> Response:
        name = request.path_params["name"]
        await self.acting(request).change(accounts.change_protocol_secret, name, "", self.admin.sealer)
        return done(
            f"/accounts/{name}?tab=protocols", _("The API password proves the logins of {name} from now on.", name=name)
        )
