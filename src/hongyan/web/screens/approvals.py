"""What waits for a second person, and the word of that person."""

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.staff import Permission
from hongyan.services.admin import approvals
from hongyan.web.access import Page
from hongyan.web.pages import done, show
from hongyan.web.screens.screen import Screen

COLUMNS = ("made_ms", "kind", "account", "points", "product", "carrier", "note", "maker", "state", "decider", "reason")


class ApprovalScreen(Screen):
    def pages(self) -> list[Page]:
        return [
            Page("/approvals", self.approvals, Permission.MONEY),
            Page("/approvals/{number:int}/approve", self.approve, Permission.MONEY, methods=["POST"]),
            Page("/approvals/{number:int}/reject", self.reject, Permission.MONEY, methods=["POST"]),
        ]

    async def approvals(self, request: Request) -> Response:
        rows = await self.admin.read(approvals.approvals)
        return show(request, "screens/approvals.html", {"rows": rows, "columns": COLUMNS})

    async def approve(self, request: Request) -> Response:
        await self.acting(request).change(approvals.approve, request.path_params["number"])
        return done("/approvals", _("The change is approved and made."))

    async def reject(self, request: Request) -> Response:
        reason = str((await request.form()).get("reason", "")).strip()
        await self.acting(request).change(approvals.reject, request.path_params["number"], reason)
        return done("/approvals", _("The change is rejected; nothing was changed."))
