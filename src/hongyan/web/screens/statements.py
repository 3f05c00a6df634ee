"""Statements: the balance of each wallet, what changed it, its balance then, and the messages; by span, month or day."""

from datetime import date, timedelta
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.staff import Permission
from hongyan.services.queries.lists.money import STATEMENTS
from hongyan.services.queries.statements import Period
from hongyan.services.queries.statistics import china_today
from hongyan.web.access import Page
from hongyan.web.lists import ListView
from hongyan.web.screens.screen import Screen


class StatementScreen(Screen):
    def pages(self) -> list[Page]:
        return [Page("/statements", self.statements, Permission.SEE)]

    async def statements(self, request: Request) -> Response:
        look = ListView(
            (_("Nothing in this span."), _("Choose other days, or all accounts.")),
            note=_("Closing is opening and what was topped up, less what was charged, and what came back or was adjusted."),
        )
        account = request.query_params.get("account", "").strip()
        months = [(words, _of_month(first, account)) for words, first in _months(china_today(self.admin.now_ms()))]
        return await self.show_list(request, STATEMENTS, look, "screens/statements.html", {"months": months})


def _months(today: str) -> list[tuple[str, date]]:
    """Returns this month and the one before by their first days."""
    first = date.fromisoformat(today).replace(day=1)
    return [(_("Last month"), (first - timedelta(days=1)).replace(day=1)), (_("This month"), first)]


def _of_month(first: date, account: str) -> str:
    """Returns the address of the statement of a month, of one account if one is named."""
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return "?" + urlencode({"from": first, "to": last, "period": Period.MONTH.value, "account": account})
