"""Customers: the enterprises that accounts belong to."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.customer import CustomerChange, CustomerOpening
from hongyan.model.errors import AdminError
from hongyan.model.fields import loaded
from hongyan.model.staff import Permission
from hongyan.services.admin import accounts
from hongyan.services.queries.lists.customers import ACCOUNTS, CUSTOMERS
from hongyan.web.access import Page, person_of
from hongyan.web.forms import FormPage, controls, read_form, show_form, typed
from hongyan.web.lists import ListView
from hongyan.web.pages import done
from hongyan.web.screens.screen import Screen


class CustomerScreen(Screen):
    def pages(self) -> list[Page]:
        return [
            Page("/customers", self.customers, Permission.SEE),
            Page("/customers/new", self.new_customer, Permission.CUSTOMERS),
            Page("/customers/new", self.add_customer, Permission.CUSTOMERS, methods=["POST"]),
            Page("/customers/{number:int}", self.customer, Permission.CUSTOMERS),
            Page("/customers/{number:int}", self.change_customer, Permission.CUSTOMERS, methods=["POST"]),
        ]

    async def customers(self, request: Request) -> Response:
        empty = (
            _("There is no customer yet."),
            _("A customer is an enterprise; its accounts are what its programs log in with."),
        )
        links = {"id": "/customers/{id}"} if person_of(request).may(Permission.CUSTOMERS) else {}
        return await self.show_list(request, CUSTOMERS, ListView(empty, links), "screens/customers.html")

    async def new_customer(self, request: Request) -> Response:
        return self._new_customer(request, {})

    def _new_customer(self, request: Request, given: Mapping[str, Any], trouble: AdminError | None = None) -> Response:
        asked = controls(CustomerOpening, given) + controls(CustomerChange, given)
        page = FormPage(_("New customer"), ("/customers", _("Customers")), _("Add"), asked)
        return show_form(request, page, trouble)

    async def add_customer(self, request: Request) -> Response:
        form = await request.form()
        try:
            number, new = read_form(CustomerOpening, form).values()["customer_id"], read_form(CustomerChange, form)
            await self.acting(request).change(accounts.add_customer, number, new.name or "", new.parent_id)
        except AdminError as error:
            return self._new_customer(request, typed(form), error)
        return done("/customers", _("Customer {number} is there.", number=number))

    async def customer(self, request: Request) -> Response:
        row = await self.admin.read(accounts.find_customer, request.path_params["number"])
        return await self._customer(request, loaded(CustomerChange, row))

    async def _customer(self, request: Request, values: Mapping[str, Any], trouble: AdminError | None = None) -> Response:
        number = request.path_params["number"]
        title = " ".join(filter(None, (_("Customer {number}", number=number), values.get("name"))))
        page = FormPage(title, ("/customers", _("Customers")), _("Change"), controls(CustomerChange, values))
        empty = _("The customer has no account yet."), _("Its programs log in with an account.")
        of_it = await self.listed(request, ACCOUNTS, ListView(empty, {"name": "/accounts/{name}"}, given={"customer": number}))
        return show_form(request, page, trouble, "screens/customer.html", {"list": of_it, "number": number})

    async def change_customer(self, request: Request) -> Response:
        number, form = request.path_params["number"], await request.form()
        try:
            await self.acting(request).change(accounts.change_customer, number, read_form(CustomerChange, form))
        except AdminError as error:
            return await self._customer(request, typed(form), error)
        return done("/customers", _("Customer {number} is changed.", number=number))
