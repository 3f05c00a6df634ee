"""Sessions: customers who are connected as to a carrier, their last PDUs, and closing a session."""

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.staff import Permission
from hongyan.ports.admin import AdminStore
from hongyan.services.admin import customer_sessions
from hongyan.services.queries.lists.customers import SESSIONS
from hongyan.web.access import Page
from hongyan.web.lists import ListView
from hongyan.web.live import Live
from hongyan.web.pages import done, show
from hongyan.web.screens.screen import Screen


class CustomerSessionScreen(Screen):
    def __init__(self, admin: AdminStore, live: Live) -> None:
        super().__init__(admin)
        self._live = live

    def pages(self) -> list[Page]:
        return [
            Page("/sessions", self.sessions, Permission.SEE),
            Page("/sessions/{number:int}", self.session, Permission.SEE),
            Page("/sessions/{number:int}/kick", self.kick, Permission.CHANNELS, methods=["POST"]),
        ]

    async def sessions(self, request: Request) -> Response:
        empty = (
            _("No customer is connected."),
            _("Sessions begin when a customer's program logs in at a listener by SMPP or CMPP."),
        )
        return await self.show_list(request, SESSIONS, ListView(empty, {"id": "/sessions/{id}"}))

    async def session(self, request: Request) -> Response:
        number = request.path_params["number"]
        row = await self.admin.read(customer_sessions.customer_session, self.admin.now_ms(), number)
        is_asked = "pdus" in request.query_params
        pdus = await self._live.session_pdus(number) if is_asked else None
        return show(request, "screens/session.html", {"session": row, "is_asked": is_asked, "pdus": pdus})

    async def kick(self, request: Request) -> Response:
        """raises: NotFound, Conflict if it is closed"""
        number = request.path_params["number"]
        await self.acting(request).change(customer_sessions.kick, number)
        return done(
            f"/sessions/{number}",
            _("Session {number} is closed within some seconds; the customer may log in again.", number=number),
        )
