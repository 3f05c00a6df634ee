"""Money: balances, which must equal the sum of their entries, and changes by hand."""

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.approval import AloneRule
from hongyan.model.money import BalanceCorrection, CreditChange, MoneyChange, MoneyForm, MoneyKind, PriceChange, TopUp
from hongyan.model.staff import Permission
from hongyan.ports.admin import AdminStore
from hongyan.services.admin import approvals, billing
from hongyan.services.admin.approvals import ChangeResult
from hongyan.services.queries.lists.money import BALANCES
from hongyan.web.access import Page
from hongyan.web.forms import read_form
from hongyan.web.lists import ListView
from hongyan.web.pages import done
from hongyan.web.screens.screen import Screen
from hongyan.web.words import number


class MoneyScreen(Screen):
    def __init__(self, admin: AdminStore, alone: AloneRule) -> None:
        super().__init__(admin)
        self._alone = alone

    def pages(self) -> list[Page]:
        return [
            Page("/money", self.money, Permission.SEE),
            Page("/accounts/{name}/topup", self.top_up, Permission.MONEY, methods=["POST"]),
            Page("/accounts/{name}/adjust", self.adjust, Permission.MONEY, methods=["POST"]),
            Page("/accounts/{name}/credit", self.set_credit, Permission.MONEY, methods=["POST"]),
            Page("/accounts/{name}/price", self.set_price, Permission.MONEY, methods=["POST"]),
        ]

    async def money(self, request: Request) -> Response:
        verified = await self.admin.read(billing.verify) if request.query_params.get("verify") else None
        empty = (
            _("There is no account yet."),
            _("An account is what a customer's programs log in with; it has a balance, prices and rules."),
        )
        look = ListView(empty, {"name": "/accounts/{name}"}, note=_("The lowest first"))
        return await self.show_list(request, BALANCES, look, "screens/money.html", {"verified": verified})

    async def top_up(self, request: Request) -> Response:
        return await self._make(request, TopUp)

    async def adjust(self, request: Request) -> Response:
        return await self._make(request, BalanceCorrection)

    async def set_credit(self, request: Request) -> Response:
        return await self._make(request, CreditChange)

    async def set_price(self, request: Request) -> Response:
        return await self._make(request, PriceChange)

    async def _make(self, request: Request, what: type[MoneyForm]) -> Response:
        """Make the change at once, or store it until a second person approves. raises: Invalid"""
        change = read_form(what, await request.form()).of(request.path_params["name"])
        result = await self.acting(request).change(approvals.make_or_ask, change, self._alone)
        tab = "products" if change.kind is MoneyKind.PRICE else "money"
        return done(f"/accounts/{change.account}?tab={tab}", _notice(change, result))


def _notice(change: MoneyChange, result: ChangeResult) -> str:
    if result.waits is not None:
        return _(
            "{points:point|points} for {account}: made once a second person approves; it waits under Second person.",
            points=number(change.points),
            account=change.account,
        )
    match change.kind:
        case MoneyKind.TOP_UP:
            return _(
                "{points:point was|points were} added; the balance of {account} is {balance}.",
                points=number(change.points),
                account=change.account,
                balance=number(result.balance),
            )
        case MoneyKind.CREDIT:
            return _(
                "The credit of {account} is {points:point|points} from the next request on.",
                account=change.account,
                points=number(change.points),
            )
        case MoneyKind.PRICE:
            return _(
                "{account} pays {points:point|points} from the next request on.",
                account=change.account,
                points=number(change.points),
            )
        case _:
            return _(
                "The balance of {account} was corrected; it is {balance}.",
                account=change.account,
                balance=number(result.balance),
            )
