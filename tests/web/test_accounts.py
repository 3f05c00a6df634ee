"""The page of an account whose wallets are not those of most."""

import sqlite3
from contextlib import closing

import pytest

from hongyan.model.account import AccountChange, Product
from hongyan.model.staff import Role
from hongyan.services.admin import accounts, billing
from hongyan.services.admin.accounts import NewAccount
from hongyan.web.screens.account_tabs import TABS

ENGLISH = {"Accept-Language": "en"}


async def add(admin, *products: Product) -> int:
    return await admin.change(
        accounts.add_account, NewAccount("acme", 7, "abc123", AccountChange(products=products)), admin.sealer
    )


async def pages(site) -> str:
    """All tabs of the account, and the lists that it stands on."""
    texts = []
    async with site.browser() as browser:
        await browser.come_in(Role.ADMIN)
        for path in ["/", "/accounts", "/money", *(f"/accounts/acme?tab={tab.name}" for tab in TABS)]:
            status, _, text = await browser.get(path, **ENGLISH)
            assert status == 200, path
            texts.append(text)
    return texts[3]


def test_an_account_that_sends_mms_alone_shows_what_it_has_for_them(browse):
    async def go(site):
        account_id = await add(site.admin, Product.MMS)
        await site.admin.change(billing.top_up, account_id, 250, Product.MMS)

        assert "no wallet for SMS · MMS: 250" in await pages(site)

    browse(go)


def test_an_account_without_a_wallet_shows_no_balance(browse, sqlite_store):
    async def go(site):
        await add(site.admin, Product.SMS)
        with closing(sqlite3.connect(sqlite_store.path, isolation_level=None)) as store:
            store.execute("DELETE FROM wallet")

        text = await pages(site)
        assert "no wallet for SMS" in text
        assert '<div class="figure-number">–</div>' in text

    browse(go)


@pytest.mark.parametrize(("what", "place"), [("acme", "/accounts/acme"), (" acme ", "/accounts/acme"), ("acm", None)])
def test_the_search_leads_to_an_account_by_its_name(browse, what, place):
    async def go(site):
        await add(site.admin, Product.SMS)
        async with site.browser() as browser:
            await browser.come_in(Role.READ_ONLY)
            status, headers, _ = await browser.get(f"/messages?what={what.replace(' ', '%20')}")

            assert (status, headers.get("Location")) == ((303, place) if place else (200, None))

    browse(go)
