"""What waits for a second person, and the word of that person."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hongyan.model.staff import Permission
from hongyan.ports.admin import AdminStore
from hongyan.services.admin import approvals
from hongyan.services.admin.logins import Logins
from hongyan.web.access import Page, person_of
from hongyan.web.pages import show


class ApprovalPages:
    def __init__(self, admin: AdminStore, logins: Logins) -> None:
        self._admin, self._logins = admin, logins

    def pages(self) -> list[Page]:
        return [
            Page("/approvals", self.approvals, Permission.MONEY),
            Page("/approvals/{number:int}/approve", self.approve, Permission.MONEY, methods=["POST"]),
            Page("/approvals/{number:int}/reject", self.reject, Permission.MONEY, methods=["POST"]),
        ]

    async def approvals(self, request: Request) -> Response:
        return show(request, "approvals.html", {"approvals": await self._admin.read(approvals.approvals)})

    async def approve(self, request: Request) -> Response:
        await self._acting(request).change(approvals.approve, request.path_params["number"])
        return RedirectResponse("/approvals", 303)

    async def reject(self, request: Request) -> Response:
        reason = str((await request.form()).get("reason", ""))
        await self._acting(request).change(approvals.reject, request.path_params["number"], reason)
        return RedirectResponse("/approvals", 303)

    def _acting(self, request: Request) -> AdminStore:
        return self._logins.acting(person_of(request).staff.name)
