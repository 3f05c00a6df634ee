"""Changes that wait for a second person, and that person's decision."""

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.money import MoneyChange
from hongyan.model.staff import Permission
from hongyan.services.admin import approvals
from hongyan.services.queries.lists.money import APPROVALS
from hongyan.web.access import Page
from hongyan.web.lists import ListView
from hongyan.web.pages import done
from hongyan.web.screens.screen import Screen
from hongyan.web.words import number, value_word


class ApprovalScreen(Screen):
    def pages(self) -> list[Page]:
        return [
            Page("/approvals", self.approvals, Permission.MONEY),
            Page("/approvals/{number:int}/approve", self.approve, Permission.MONEY, methods=["POST"]),
            Page("/approvals/{number:int}/reject", self.reject, Permission.MONEY, methods=["POST"]),
        ]

    async def approvals(self, request: Request) -> Response:
        empty = _("Nothing waits."), _("Large top-ups and changes of prices are made once a second person approves them.")
        return await self.show_list(request, APPROVALS, ListView(empty), "screens/approvals.html")

    async def approve(self, request: Request) -> Response:
        made = await self.acting(request).change(approvals.approve, request.path_params["number"])
        return done("/approvals", _("{change}: approved and made.", change=_change_text(made.change)))

    async def reject(self, request: Request) -> Response:
        reason = str((await request.form()).get("reason", "")).strip()
        change = await self.acting(request).change(approvals.reject, request.path_params["number"], reason)
        return done("/approvals", _("{change}: rejected; nothing was changed.", change=_change_text(change)))


def _change_text(change: MoneyChange) -> str:
    """Returns which change of whose money it is."""
    facts = {"account": change.account, "kind": value_word("kind", change.kind.value), "points": number(change.points)}
    return _("{account}, {kind}, {points:point|points}", **facts)
