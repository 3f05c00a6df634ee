"""Who may open what: every route is asked by every role, by strangers, and by those who came half-way."""

import re

import pytest
from structlog.testing import capture_logs

from hongyan.model.staff import Permission, Role, Stage
from hongyan.policy.permissions import ROLES
from hongyan.web.access import Page, local_path

_PARAMETER = re.compile(r"\{(\w+)(:int)?\}")
OPEN = {"/login", "/invitation/{link}", "/logout", "/language/{named}"}


def pages_of(site) -> list[Page]:
    return [route for route in site.app.routes if isinstance(route, Page)]


def path_of(page: Page) -> str:
    """An address that leads to the page, and to nothing that there is."""
    return _PARAMETER.sub(lambda found: "7" if found[2] else "nobody", page.path)


def method_of(page: Page) -> str:
    return "POST" if "POST" in page.methods else "GET"


def test_every_route_of_the_console_says_what_it_needs(browse):
    async def go(site):
        assert [route for route in site.app.routes if not isinstance(route, Page)] == []
        assert {page.path for page in pages_of(site) if page.needs is None} == OPEN

    browse(go)


def test_strangers_are_sent_to_the_login(browse):
    async def go(site):
        async with site.browser() as stranger:
            for page in pages_of(site):
                status, headers, _ = await stranger.ask(method_of(page), path_of(page))
                if page.needs is not None:
                    assert (status, headers["Location"].partition("?")[0]) == (303, "/login"), page.path

    browse(go)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_what_its_permissions_say_and_nothing_else(browse, role):
    """Writing addresses are asked too, with a token that holds: only the permission stands in the way."""

    async def go(site):
        async with site.browser() as browser:
            await browser.come_in(role.value)
            for page in pages_of(site):
                if not isinstance(page.needs, Permission):
                    continue
                status, _, _ = await browser.ask(method_of(page), path_of(page), {"csrf": browser.csrf})
                assert (status == 403) is (page.needs not in ROLES[role]), (page.path, status)

    browse(go)


def test_half_a_login_gets_no_further_by_any_address(browse):
    async def go(site):
        async with site.browser() as browser:
            await browser.log_in("admin")
            for page in pages_of(site):
                if isinstance(page.needs, Permission) or page.needs in {Stage.IN, Stage.CODE}:
                    status, headers, _ = await browser.ask(method_of(page), path_of(page), {"csrf": browser.csrf})
                    assert (status, headers["Location"]) == (303, "/login/second-factor"), page.path

    browse(go)


async def _try_all_writes(site, browser, **form) -> set[int]:
    return {
        (await browser.ask("POST", path_of(page), form))[0]
        for page in pages_of(site)
        if "POST" in page.methods and page.needs not in {None, Stage.CODE, Stage.ENROL}
    }


@pytest.mark.parametrize(
    ("site_said", "origin", "token"),
    [
        ("cross-site", None, True), ("same-site", None, True), ("none", None, True), (None, "http://evil.example", True),
        (None, None, True), ("same-origin", None, False), (None, "null", True),
    ],
)  # fmt: skip
def test_no_page_takes_a_change_that_a_page_of_others_asked_for(browse, site_said, origin, token):
    async def go(site):
        async with site.browser() as browser:
            await browser.come_in("admin")
            browser.site = site_said
            headers = {"Origin": origin} if origin else {}
            for page in pages_of(site):
                if "POST" in page.methods and page.needs not in {Stage.CODE, Stage.ENROL}:
                    form = {"csrf": browser.csrf if token else "0" * 64}
                    status, _, _ = await browser.ask("POST", path_of(page), form, headers)
                    assert status == 403, page.path

    browse(go)


def test_a_browser_that_only_says_its_origin_is_believed(browse):
    async def go(site):
        async with site.browser() as browser:
            await browser.come_in("admin")
            browser.site = None
            status, headers, _ = await browser.ask("POST", "/logout", {"csrf": browser.csrf}, {"Origin": browser.url})
            assert (status, headers["Location"]) == (303, "/login")

    browse(go)


def test_a_token_of_another_session_is_worth_nothing(browse):
    async def go(site):
        async with site.browser() as one, site.browser() as other:
            await one.come_in("admin")
            await other.come_in("operations")
            one.csrf = other.csrf
            assert await _try_all_writes(site, one, csrf=other.csrf) == {403}

    browse(go)


def test_every_answer_keeps_browsers_strict(browse):
    async def go(site):
        async with site.browser() as browser:
            await browser.come_in("admin")
            for path in ("/login", "/me", "/staff", "/nowhere", "/invitation/wrong"):
                _, headers, _ = await browser.get(path)
                policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
                assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
                assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
                assert "unsafe" not in headers["Content-Security-Policy"]
                assert headers["X-Frame-Options"] == "DENY"
                assert headers["X-Content-Type-Options"] == "nosniff"
                assert headers["Referrer-Policy"] == "same-origin"
                assert headers["Cache-Control"] == "no-store"

    browse(go)


def test_another_machine_gets_no_page_over_plain_http(browse):
    async def go(site):
        async with site.browser() as browser:
            for host in ("10.0.0.5:8081", "sms.example", "evil.example:8081", "127.0.0.1.evil.example"):
                status, _, text = await browser.get("/login", Host=host)
                assert (status, "<form" in text) == (403, False), host
            for host in ("localhost:8081", "127.0.0.1", "[::1]:8081"):
                assert (await browser.get("/login", Host=host))[0] == 200

    browse(go)


@pytest.mark.parametrize(
    ("seen", "path"),
    [("/channels?x=1", "/channels?x=1"), ("//evil.example", "/"), ("/\\evil.example", "/"), ("https://evil.example", "/"),
     ("", "/"), ("/a\r\nSet-Cookie: x=1", "/")],
)  # fmt: skip
def test_after_the_login_one_comes_back_to_a_page_of_ours_alone(seen, path):
    assert local_path(seen) == path


@pytest.mark.parametrize("role", list(Role))
def test_the_menu_leads_only_where_one_may_go(browse, role):
    async def go(site):
        async with site.browser() as browser:
            await browser.come_in(role.value)
            _, _, text = await browser.get("/")
            paths = re.findall(r'class="nav-link[^"]*" href="([^"]+)"', text)
            assert len(paths) > 15
            assert [path for path in paths if (await browser.get(path))[0] != 200] == []

    browse(go)


def test_a_bug_is_known_by_a_number_and_by_nothing_else_of_it(browse, monkeypatch):
    def break_down(_):
        raise RuntimeError("the secret of the carrier is abc123")

    monkeypatch.setattr("hongyan.services.queries.lists.channels.all_channels", break_down)

    async def go(site):
        async with site.browser() as browser:
            await browser.come_in("admin")
            with capture_logs() as logged:
                status, headers, text = await browser.get("/channels")
        (failed,) = [one for one in logged if one["event"] == "page_failed"]
        assert status == 500
        assert failed["number"] in text
        assert "abc123" not in text
        assert "script-src 'self'" in headers["Content-Security-Policy"]

    browse(go)
