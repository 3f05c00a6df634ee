"""Every screen as every role sees it, by plain HTTP: what it may open, whole phones or masked ones, and no act that it may not do."""

import re

import pytest
from starlette.routing import Match
from tests.web.test_access import pages_of

from hongyan.model.black_list import ListedNumber
from hongyan.model.channel import Channel
from hongyan.model.protocol import Protocol
from hongyan.model.staff import Permission, Role
from hongyan.policy.permissions import ROLES
from hongyan.services.admin import accounts, billing, channels, rules, sending
from hongyan.services.admin.accounts import NewAccount
from hongyan.web.navigation import MENU
from hongyan.web.screens.account_tabs import TABS

PHONE, MASKED = "13800138000", "138****8000"
_ACTION = re.compile(r'<form method="post"(?: enctype="[^"]*")? action="([^"]+)"')
_LINK = re.compile(r'href="(/[^"?#]*)')
PLACES = [
    *(item.path for _, items in MENU for item in items if item.path != "/api"),
    *(f"/accounts/acme?tab={tab.name}" for tab in TABS),
    "/messages/list", "/import/words", "/import/blacklist", "/import/signatures", "/import/templates", "/import/codes",
    "/accounts/acme/settings", "/accounts/new", "/customers/open", "/customers/7",
    "/channels/up1", "/channels/up1/settings", "/channels/new", "/routes?whose=13800138000", f"/messages?what={PHONE}", "/me",
    "/routes/1/settings", f"/blacklist?number={PHONE}", "/pushes?account=acme", "/statements?period=day",
]  # fmt: skip


async def furnish(admin) -> None:
    """A channel, an account with points, a message, and a number on a list."""
    await admin.change(channels.add_channel, Channel(0, "up1", Protocol.LOOPBACK, access="1069"), admin.sealer)
    await admin.change(channels.add_route, "up1", None, None, 0, 1)
    account_id = await admin.change(accounts.add_account, NewAccount("acme", 7, "abc123"), admin.sealer)
    await admin.change(billing.top_up, account_id, 100)
    await admin.change(rules.add_listed, [ListedNumber(phone=8613900139000, end_s=2**31 - 1, note="")], "")
    await sending.send(admin, "acme", [PHONE], "您好【测试】", source="test")


def needs_of(site, method: str, path: str):
    scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
    return next((page.needs for page in pages_of(site) if page.matches(scope)[0] is Match.FULL), "nothing")


@pytest.mark.parametrize("role", list(Role))
def test_every_screen_as_this_role(browse, role):
    async def go(site):
        await furnish(site.admin)
        may, wrong = ROLES[role], {}
        async with site.browser() as browser:
            await browser.come_in(role.value)
            for place in PLACES:
                status, _, text = await browser.get(place)
                needs = needs_of(site, "GET", place.partition("?")[0])
                is_open = not isinstance(needs, Permission) or needs in may
                is_open = is_open and not ("tab=audit" in place and Permission.AUDIT not in may)
                if (status == 200) is not is_open:
                    wrong[place] = status
                if status != 200:
                    continue
                if PHONE in text and PHONE not in place and Permission.PHONES not in may:
                    wrong[place] = "a whole phone"
                acts = {path: needs_of(site, "POST", path) for path in _ACTION.findall(text)}
                links = {
                    path: needs_of(site, "GET", path)
                    for path in _LINK.findall(text)
                    if not path.startswith(("/static", "/api"))
                }
                for path, asked in (acts | links).items():
                    if asked == "nothing" or (isinstance(asked, Permission) and asked not in may):
                        wrong[place, path] = asked
        assert wrong == {}

    browse(go)


@pytest.mark.parametrize("role", [Role.OPERATIONS, Role.SUPPORT])
def test_phones_are_whole_for_who_may_see_them_and_masked_for_others(browse, role):
    async def go(site):
        await furnish(site.admin)
        async with site.browser() as browser:
            await browser.come_in(role.value)
            _, _, text = await browser.get("/messages/list")
            shown = PHONE if Permission.PHONES in ROLES[role] else MASKED
            assert shown in text

    browse(go)
