"""Every role at the console in Chromium, in both languages, both themes, wide and narrow: it sees what it may, whole phones or masked ones,
and is shown no act that it may not do. Nothing is too wide or untranslated.

What it may not do answers 403, also where somebody asks for it past the pages: from the page itself, with the token of its session.
"""

import re

import pyotp
import pytest
from playwright.async_api import async_playwright
from tests.web.chromium import AXE, FIND, chromium, of_another_language
from tests.web.conftest import PASSWORD
from tests.web.test_access import method_of, pages_of, path_of
from tests.web.test_roles import MASKED, PHONE, furnish, needs_of

from hongyan.model.staff import Permission, Role
from hongyan.policy.permissions import ROLES, asks_second_factor
from hongyan.web.navigation import MENU

FORBIDDEN = {"en": "Your role does not permit this.", "zh": "您的角色没有此权限。"}

WIDE, NARROW = {"width": 1440, "height": 100}, {"width": 390, "height": 100}
"""Windows that show little: what is asked here is in the page, and painting it takes most of the time."""

WALK = [
    *(item.path for _, items in MENU for item in items if item.path != "/api"),
    "/accounts/acme", "/accounts/acme?tab=access", "/accounts/acme?tab=money", "/accounts/acme?tab=audit", "/accounts/acme/settings",
    "/customers/open", "/channels/up1", "/channels/up1/settings", "/messages/list", f"/messages?what={PHONE}",
    f"/blacklist?number={PHONE}", "/import/words",
]  # fmt: skip
"""Every screen of the menu, and those behind them on which roles differ; `test_roles.py` asks for the others."""

LOOK = """() => ({
    text: document.body.innerText,
    menu: [...document.querySelectorAll('aside nav a')].map(link => link.getAttribute('href')),
    acts: [...document.querySelectorAll('form[method=post]')].map(form => new URL(form.action).pathname),
    links: [...document.querySelectorAll('main a[href]')].map(link => new URL(link.href).pathname),
})"""

TURN = """async () => {
    const isTooWide = () => document.documentElement.scrollWidth > innerWidth;
    document.querySelector('[data-act=theme]').click();
    for (let left = 20; left && isTooWide(); left--) await new Promise(resolve => setTimeout(resolve, 50));
    return isTooWide();
}"""
"""The other theme, and whether the page is too wide in it. Charts follow a window that was made narrow a little later."""

ASK = """async asked => Promise.all(asked.map(async ([method, path]) => {
    const headers = {'X-CSRF-Token': document.querySelector('meta[name=csrf]').content};
    return (await fetch(path, {method, headers, redirect: 'manual'})).status;
}))"""


class Walker:
    """Somebody of one role in a window; what should not be is kept by the place where it was seen."""

    def __init__(self, site, role: Role, page, *, has_axe: bool) -> None:
        self._site, self._role, self._may, self._page = site, role, ROLES[role], page
        self.wrong: dict[str, object] = {}
        self._at, self._language = "", "en"
        self._has_axe = has_axe
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.wrong.setdefault(self._at, str(error)))

    def _heard(self, message) -> None:
        """That a page answers 403 is what is asked here."""
        if message.type in {"error", "warning"} and "403" not in message.text:
            self.wrong.setdefault(self._at, message.text)

    async def come_in(self) -> None:
        """As the role has to: with a second factor where it may touch money, secrets or people."""
        page = self._page
        await page.goto(f"{self._site.url}/login")
        await page.fill("#name", self._role.value)
        await page.fill("#password", PASSWORD)
        await page.click("form[action='/login'] button")
        if asks_second_factor(self._role):
            key = re.search("[A-Z2-7]{32}", await page.inner_text("main"))[0]
            await page.fill("[name=code]", pyotp.TOTP(key).now())
            await page.click("main form:has([name=code]) button")
            await page.goto(self._site.url)
        await page.wait_for_selector("aside")

    async def speak(self, language: str) -> None:
        self._language = language
        await self._page.context.set_extra_http_headers({"Accept-Language": language})

    async def see(self, place: str) -> None:
        self._at = place
        await self._page.set_viewport_size(WIDE)
        answer = await self._page.goto(self._site.url + place, wait_until="domcontentloaded")
        seen = await self._page.evaluate(LOOK)
        if (answer.status == 200) is not self._is_open(place):
            self.wrong[place] = answer.status
        elif answer.status == 403:
            self._check(place, FORBIDDEN[self._language] in seen["text"], "no word of why")
        else:
            self._check_seen(place, seen)
            await self._turn(place)

    async def _turn(self, place: str) -> None:
        """See the page in both themes, wide and narrow. Axe looks at it narrow and in one language: what stands on it is the same."""
        too_wide = [await self._page.evaluate(TURN) for _ in range(2)]
        await self._page.set_viewport_size(NARROW)
        too_wide += [await self._page.evaluate(TURN) for _ in range(2)]
        self._check(place, not any(too_wide), f"wider than the window: {too_wide}")
        if self._has_axe and self._language == "zh":
            found = await self._find()
            self._check(place, not found, found)

    async def _find(self) -> list[str]:
        """What axe finds. The page's policy lets no script of ours in: it was seen with it, and is looked at without it."""
        page = self._page
        tools = await page.context.new_cdp_session(page)
        await tools.send("Page.setBypassCSP", {"enabled": True})
        if not await page.evaluate("'axe' in sessionStorage"):
            await page.evaluate("source => sessionStorage.setItem('axe', source)", AXE.read_text(encoding="utf-8"))
        await page.evaluate("(0, eval)(sessionStorage.axe), 0")
        found = await page.evaluate(FIND, False)
        await tools.send("Page.setBypassCSP", {"enabled": False})
        await tools.detach()
        return found

    def _check_seen(self, place: str, seen: dict) -> None:
        foreign = of_another_language(self._language, seen["text"])
        self._check(place, not foreign, foreign)
        sees_phones = Permission.PHONES in self._may
        if PHONE not in place and not sees_phones:
            self._check(place, PHONE not in seen["text"], "a whole phone")
        if place == "/messages/list":
            self._check(place, (PHONE if sees_phones else MASKED) in seen["text"], "no phone as this role sees it")
        offered = [item.path for _, items in MENU for item in items if item.needs in self._may]
        self._check(place, seen["menu"] == offered, seen["menu"])
        for method, paths in (("POST", seen["acts"]), ("GET", seen["links"])):
            for path in paths:
                self._check(f"{place} {path}", self._leads(method, path), "an act that this role may not do")

    def _leads(self, method: str, path: str) -> bool:
        if path.startswith(("/static", "/api")):
            return True
        needs = needs_of(self._site, method, path)
        return needs != "nothing" and (not isinstance(needs, Permission) or needs in self._may)

    def _is_open(self, place: str) -> bool:
        if "tab=audit" in place:
            return Permission.AUDIT in self._may
        return self._leads("GET", place.partition("?")[0])

    def _check(self, place: str, holds: bool, otherwise: object) -> None:
        if not holds:
            self.wrong.setdefault(place, otherwise)

    async def try_what_is_not_offered(self) -> None:
        """All that the role may not do, asked for with the token of its own session."""
        barred = [page for page in pages_of(self._site) if isinstance(page.needs, Permission) and page.needs not in self._may]
        asked = [(method_of(page), path_of(page)) for page in barred]
        await self._page.goto(f"{self._site.url}/me", wait_until="domcontentloaded")
        answers = await self._page.evaluate(ASK, asked)
        self.wrong |= {
            f"{method} {path}": status for (method, path), status in zip(asked, answers, strict=True) if status != 403
        }


async def walk(site, browser, role: Role, *, has_axe: bool) -> dict[str, object]:
    """What was wrong with the console as this role sees it."""
    context = await browser.new_context(viewport=WIDE, extra_http_headers={"Accept-Language": "en"}, reduced_motion="reduce")
    context.set_default_timeout(30_000)
    walker = Walker(site, role, await context.new_page(), has_axe=has_axe)
    await walker.come_in()
    for language in ("en", "zh"):
        await walker.speak(language)
        for place in WALK:
            await walker.see(place)
    await walker.try_what_is_not_offered()
    await context.close()
    return walker.wrong


@pytest.mark.parametrize("has_axe", [False, pytest.param(True, marks=pytest.mark.soak)])
def test_a_role_sees_what_it_may_and_can_do_nothing_else(browse, has_axe):
    """In every language, theme and width. Axe takes long, and finds on the administrator's screens what is on those of others."""

    async def go(site):
        await furnish(site.admin)
        async with async_playwright() as playwright:
            arguments = ["--no-sandbox", "--disable-gpu", "--blink-settings=imagesEnabled=false"]
            browser = await playwright.chromium.launch(executable_path=chromium(), args=arguments)
            found = {role: await walk(site, browser, role, has_axe=has_axe) for role in Role}
            await browser.close()
        assert found == {role: {} for role in Role}

    browse(go)
