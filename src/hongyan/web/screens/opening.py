"""A new customer in four steps; at the end its credentials can be printed. Values of earlier steps travel with the form."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, LiteralString

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import N_, _
from hongyan.model.account import AccountChange, AccountOpening
from hongyan.model.approval import AloneRule
from hongyan.model.errors import AdminError, Conflict
from hongyan.model.fields import fields_of
from hongyan.model.money import OpeningMoney
from hongyan.model.phone import national
from hongyan.model.staff import Permission
from hongyan.ports.admin import AdminStore
from hongyan.ports.tx import Tx
from hongyan.services.admin.account_money import first_product
from hongyan.services.admin.opening import Opening, open_customer
from hongyan.services.queries.account_details import account_details
from hongyan.services.queries.channel_details import all_channels
from hongyan.services.queries.route_test import RouteTest, try_route, with_customer
from hongyan.web.access import Page, person_of
from hongyan.web.forms import Control, controls, typed, whole
from hongyan.web.pages import STATUS, error_text, show
from hongyan.web.screens.accounts import opening_of
from hongyan.web.screens.screen import Screen
from hongyan.web.words import head, pairs


@dataclass(frozen=True, slots=True)
class OpeningStep:
    title: LiteralString
    hint: LiteralString
    fields: tuple[str, ...] = ()  # of the account's settings


STEPS = (
    OpeningStep(N_("Customer"), N_("Who it is, and the name that its programs log in with."), ("dialect",)),
    OpeningStep(
        N_("Products and price"), N_("What it may send, and what that costs."), ("products", "pay_mode", "charge_rule")
    ),
    OpeningStep(N_("Routes"), N_("By which channels its messages leave."), ("extno",)),
    OpeningStep(
        N_("Limits and reports"),
        N_("Who may submit, what its texts must show, and where reports go."),
        ("ip_list", "signature_rule", "word_check", "push_url", "push_format"),
    ),
)
_FIELDS = tuple(name for step in STEPS for name in step.fields)
_OF_THE_FORM = {"csrf", "step", "go", "number"}
_MONEY, _ROUTES = 1, 2  # steps that ask for more than settings of the account


class OpeningScreen(Screen):
    def __init__(self, admin: AdminStore, alone: AloneRule) -> None:
        super().__init__(admin)
        self._alone = alone

    def pages(self) -> list[Page]:
        return [
            Page("/customers/open", self.begin, Permission.SECRETS),
            Page("/customers/open", self.go_on, Permission.SECRETS, methods=["POST"]),
        ]

    async def begin(self, request: Request) -> Response:
        return await self._show(request, 0, FormData())

    async def go_on(self, request: Request) -> Response:
        form = await request.form()
        step = min(whole(form.get("step") or 0, "step", 0), len(STEPS) - 1)
        if form.get("go") == "back":
            return await self._show(request, max(0, step - 1), form)
        try:
            opening = opening_of(request, form, _FIELDS, [str(name) for name in form.getlist("channels")])
            await self.admin.read(_check_name_is_free, opening.account.name)
            if form.get("go") == "test":
                return await self._show(request, step, form, test=await self._tested(opening, form))
            if step < len(STEPS) - 1:
                return await self._show(request, step + 1, form)
            made = await self.acting(request).change(open_customer, opening, self.admin.sealer, self._alone)
        except AdminError as error:
            return await self._show(request, _step_of(error, step), form, error)
        account = await self.admin.read(account_details, opening.account.name)
        facts = {"account": account, "secret": opening.account.secret, "waits": any(one.waits is not None for one in made)}
        return show(request, "screens/sheet.html", facts)

    async def _tested(self, opening: Opening, form: FormData) -> RouteTest:
        """Returns the way that a number of the customer would go. raises: NotFound, Invalid"""
        snapshot = with_customer(await self.admin.snapshot(), opening)
        number = str(form.get("number", "")).strip()
        return try_route(snapshot, opening.account.name, number, first_product(opening.account.settings))

    async def _show(
        self, request: Request, step: int, form: FormData, trouble: AdminError | None = None, test: RouteTest | None = None
    ) -> Response:
        field = str(trouble.facts.get("field", "")) if trouble else ""
        asked = [
            replace(one, wrong=error_text(trouble)) if trouble and one.name == field else one
            for one in await self._controls(request, step, typed(form))
        ]
        names = {one.name for one in asked}
        facts = {
            "steps": STEPS,
            "step": step,
            "controls": asked,
            "kept": [(name, value) for name, value in form.multi_items() if not _is_asked(name, str(value), names)],
            "trouble": error_text(trouble) if trouble and not any(one.wrong for one in asked) else "",
            "is_tested": step == _ROUTES,
            "number": str(form.get("number", "")),
            "test": test,
            "phone": national(test.phone) if test else "",
        }
        return show(request, "screens/opening.html", facts, STATUS.get(type(trouble), 400) if trouble else 200)

    async def _controls(self, request: Request, step: int, given: Mapping[str, Any]) -> list[Control]:
        asked = _who_it_is(given) if step == 0 else []
        if step == _MONEY and person_of(request).may(Permission.MONEY):
            asked = controls(OpeningMoney, given)
        if step == _ROUTES:
            asked = [(await self._channels()).holding(given)]
        return asked + controls(AccountChange, given, STEPS[step].fields)

    async def _channels(self) -> Control:
        names = [row["name"] for row in await self.admin.read(all_channels)]
        hint = _("The first of them is tried first. None: it leaves as everybody's messages do.")
        return Control("channels", head("channel"), hint, value=[], options=pairs(names), many=True)


def _who_it_is(given: Mapping[str, Any]) -> list[Control]:
    """The customer, and behind it the name of its account, which is not taken for the customer's."""
    asked = [replace(one, label=head("account")) if one.name == "name" else one for one in controls(AccountOpening, given)]
    return sorted(asked, key=lambda one: one.name == "name")


def _is_asked(name: str, value: str, names: set[str]) -> bool:
    """Returns whether the current step asks for it, or it belongs to the form itself."""
    return name in _OF_THE_FORM or name in names or (name == "has" and value in names)


def _check_name_is_free(tx: Tx, name: str) -> None:
    """raises: Conflict"""
    if tx.rows_of("account", name=name):
        raise Conflict("there is an account {name} already", name=name)


def _step_of(error: AdminError, step: int) -> int:
    """Returns the step that asks for the wrong value, or the current one if no field is to blame."""
    field = str(error.facts.get("field", ""))
    asked = [set(one.fields) for one in STEPS]
    asked[0] |= {one.name for one in fields_of(AccountOpening)}
    asked[_MONEY] |= {one.name for one in fields_of(OpeningMoney)}
    return next((number for number, names in enumerate(asked) if field in names), step)
