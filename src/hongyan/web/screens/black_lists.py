"""Numbers that get no messages."""

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.black_list import ListedNumber
from hongyan.model.kinds import PHONE
from hongyan.model.number_list import FOREVER_S
from hongyan.model.staff import Permission
from hongyan.services.admin import rules
from hongyan.services.queries.lists.rules import BLACK_LIST
from hongyan.web.access import Page
from hongyan.web.forms import whole
from hongyan.web.lists import ListView
from hongyan.web.pages import done
from hongyan.web.screens.screen import Screen
from hongyan.web.words import for_whom

_DAY_S = 86_400


class BlackListScreen(Screen):
    def pages(self) -> list[Page]:
        return [
            Page("/blacklist", self.black_list, Permission.SEE),
            Page("/blacklist", self.add_listed, Permission.BLACK_LIST, methods=["POST"]),
            Page("/blacklist/remove", self.remove_listed, Permission.BLACK_LIST, methods=["POST"]),
        ]

    async def black_list(self, request: Request) -> Response:
        empty = _("Nothing is black-listed."), _("Numbers that are listed are refused with 1109, for all accounts or for one.")
        number = request.query_params.get("phone", "").strip()
        return await self.show_list(request, BLACK_LIST, ListView(empty), "screens/blacklist.html", {"number": number})

    async def add_listed(self, request: Request) -> Response:
        form = await request.form()
        note = str(form.get("note", "")).strip()
        days = whole(form.get("days") or 0, "days", 0, 36_500)
        end_s = self.admin.now_ms() // 1000 + days * _DAY_S if days > 0 else FOREVER_S
        phones = [PHONE.checked("phone", line) for line in str(form.get("numbers", "")).split()]
        entries = [ListedNumber(phone=phone, end_s=min(end_s, FOREVER_S), note=note) for phone in phones]
        account = str(form.get("account", ""))
        count = await self.acting(request).change(rules.add_listed, entries, account)
        notice = _("{count:number is|numbers are} black-listed, for {account}.", count=count, account=for_whom(account))
        return done("/blacklist", notice)

    async def remove_listed(self, request: Request) -> Response:
        form = await request.form()
        account, phone = str(form.get("account", "")), PHONE.checked("phone", str(form.get("number", "")))
        count = await self.acting(request).change(rules.remove_listed, [phone], account)
        facts = {"phone": self.phone_text(request, phone), "account": for_whom(account)}
        gone, absent = (
            _("{phone} is off the list, for {account}.", **facts),
            _("{phone} was on no list, for {account}.", **facts),
        )
        return done("/blacklist", gone if count else absent)
