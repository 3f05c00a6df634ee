"""What goes back to customers: what they are owed, how posting it went, and receipts that met no message."""

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.owed import OwedKind
from hongyan.model.staff import Permission
from hongyan.model.told import Missing, Unfit
from hongyan.services.queries import reading
from hongyan.services.steps import owed
from hongyan.web.access import Page, person_of
from hongyan.web.forms import whole, words_of
from hongyan.web.pages import done, show
from hongyan.web.screens.screen import Screen

MOST = 100
HOURS_MOST = 31 * 24
_HOUR_MS = 3_600_000
_DAYS = 7


class DeliveryScreen(Screen):
    def pages(self) -> list[Page]:
        return [
            Page("/pushes", self.pushes, Permission.SEE),
            Page("/pushes/replay", self.replay, Permission.TRAFFIC, methods=["POST"]),
            Page("/unmatched", self.unmatched, Permission.SEE),
        ]

    async def pushes(self, request: Request) -> Response:
        account = request.query_params.get("account", "")
        facts = {
            "owed": await self.admin.read(reading.owed), "account": account,
            "rows": await self.admin.read(reading.pushes, account, MOST) if account else [],
            "accounts": [row["name"] for row in await self.admin.read(reading.accounts)],
            "kinds": words_of("kind", (kind.name.lower() for kind in OwedKind)),
        }  # fmt: skip
        return show(request, "screens/pushes.html", facts)

    async def replay(self, request: Request) -> Response:
        """Owe again what was handed out, pushed or parked within some hours."""
        form = await request.form()
        account, kind, hours = (
            str(form.get("account", "")),
            str(form.get("kind", "")).upper(),
            whole(form.get("hours"), "hours"),
        )
        if kind not in OwedKind.__members__ or not 0 < hours <= HOURS_MOST:
            raise Unfit("say reports or replies, of 1 to {most} hours", most=HOURS_MOST)
        now_ms = self.admin.now_ms()
        store = self.acting(request)
        count = await store.change(owed.replay, account, OwedKind[kind], now_ms - hours * _HOUR_MS, now_ms + 1)
        return done(
            f"/pushes?account={account}",
            _("{count} are owed again; {account} gets them with their old ids.", count=count, account=account),
        )

    async def unmatched(self, request: Request) -> Response:
        channel, is_full = request.query_params.get("channel", ""), person_of(request).may(Permission.PHONES)
        since_ms = self.admin.now_ms() - _DAYS * 24 * _HOUR_MS
        try:
            rows = await self.admin.read(lambda tx: reading.unmatched(tx, since_ms, MOST, channel or None, full=is_full))
        except Missing:
            rows = []
        facts = {
            "rows": rows,
            "channel": channel,
            "days": _DAYS,
            "channels": [row["name"] for row in await self.admin.read(reading.channels)],
        }
        return show(request, "screens/unmatched.html", facts)
