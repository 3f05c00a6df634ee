"""Boxes for the name of an account: no page holds all names, and each box suggests some."""

import re

import pytest
from tests.web.chromium import HOSTILE

from hongyan.model.staff import Role

COUNT = 2_000
PAGES = (
    "/messages/list", "/replies", "/statements", "/signatures", "/templates", "/pushes", "/statistics", "/sessions", "/routes", "/jobs",
    "/words", "/blacklist", "/import/words", "/import/blacklist",
)  # fmt: skip
"""Where accounts are asked for."""

_BOX = re.compile(r'<input [^>]*name="account"[^>]*list="[^"]+"[^>]*hx-get="/suggestions/accounts"')


async def furnish(admin) -> None:
    def add(tx, _) -> None:
        tx.add_row("customer", id=7, name=HOSTILE, parent_id=None, made_ms=0)
        for number in range(COUNT):
            tx.add_row("account", id=number + 1, customer_id=7, name=f"firm-{number:04}", secret=b"", made_ms=0)

    await admin.change(add)


@pytest.fixture
def as_admin(browse):
    """Runs `await go(browser)` as an administrator where there are two thousand accounts."""

    def run(go):
        async def inside(site):
            await furnish(site.admin)
            async with site.browser() as browser:
                await browser.come_in(Role.ADMIN)
                return await go(browser)

        return browse(inside)

    return run


def test_pages_ask_for_accounts_by_a_box_and_hold_none_of_their_names(as_admin):
    async def go(browser):
        for path in PAGES:
            status, _, page = await browser.get(path)
            assert status == 200, path
            assert _BOX.search(page), path
            assert '<option value="firm-' not in page, path
            assert not re.search(r'<select [^>]*name="account"', page), path

    as_admin(go)


def test_a_box_suggests_some_and_writes_what_customers_are_called_as_text(as_admin):
    async def go(browser):
        _, _, options = await browser.get("/suggestions/accounts?account=firm-19")
        assert re.findall(r'value="([^"]*)"', options) == [f"firm-19{number:02}" for number in range(20)]
        assert HOSTILE not in options
        assert "&lt;script&gt;" in options
        assert (await browser.get("/suggestions/accounts?account=nobody"))[2].count("<option") == 0

    as_admin(go)
