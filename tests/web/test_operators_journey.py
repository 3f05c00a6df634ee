"""The first ten minutes of an operator, in one go and in the browser alone: from the overview of a running platform to a first channel."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import sync_playwright
from tests.web.chromium import Operator, Visit, chromium, log_in, running_demo, wait_until

ACCOUNT, NUMBER, PHONE = "pine", "901", "13900139001"
TELECOM, DOWN, OTHER = "18100001234", "demo-smgp", "demo-smpp"
"""The number is none of those that fail now and then in a demo."""


@pytest.fixture(params=["zh", pytest.param("en", marks=pytest.mark.soak)])
def operator(request, tmp_path):
    path = chromium()
    with running_demo(tmp_path) as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        context = browser.new_context(storage_state=log_in(browser, demo), viewport={"width": 1440, "height": 900})
        context.set_default_timeout(20_000)
        context.add_cookies([{"name": "hongyan_language", "value": request.param, "url": demo.url}])
        visit = Visit(context, demo.url)
        yield Operator(visit, demo, request.param)
        assert visit.troubles == []
        browser.close()


def test_the_first_ten_minutes_of_an_operator(operator):
    operator.visit.go("/")
    _sees_the_platform_live(operator)
    _drains_what_is_down(operator)
    _reads_what_became_of_a_text(operator)
    _takes_a_customer_on(operator)
    _tops_up(operator)
    _asks_which_way_a_number_goes(operator)
    _makes_the_first_channel_of_their_own(operator)


def _sees_the_platform_live(operator):
    """Figures of today beside yesterday's, a week behind them, and texts that come while one looks."""
    submitted = _submitted(operator)
    assert submitted > 0
    operator.page.wait_for_selector("figure[data-chart] svg")
    wait_until(lambda: _submitted(operator) > submitted, 30)
    operator.menu("/statistics")
    operator.page.select_option("#by", "day")
    operator.page.fill("#from", f"{datetime.now(ZoneInfo('Asia/Shanghai')) - timedelta(days=6):%Y-%m-%d}")
    operator.page.fill("#to", f"{datetime.now(ZoneInfo('Asia/Shanghai')):%Y-%m-%d}")
    operator.click("form[action='/statistics'] button")
    operator.page.wait_for_url("**/statistics?by=day*")
    assert operator.page.locator("main section table tbody tr").count() >= 7
    operator.menu("/")


def _submitted(operator) -> int:
    return int(operator.page.inner_text(".row-cards .figure-number >> nth=0").split()[0].replace(",", ""))


def _drains_what_is_down(operator):
    """What needs a hand leads to the channel; its messages leave by another one from then on."""
    operator.demo.run("channel", "set", DOWN, "--port", "1")  # its carrier goes away
    operator.page.wait_for_selector(f"main a.btn[href='/channels/{DOWN}']")
    operator.click(f"main a.btn[href='/channels/{DOWN}']")
    operator.sure("drain")
    assert DOWN in operator.notice()
    operator.menu("/accounts")
    operator.click("main a[href='/accounts/demo']")
    operator.page.fill("#f-number", TELECOM)
    operator.page.fill("#f-text", "您好【鸿雁】")
    operator.click("form[action$='/send'] button")
    operator.page.wait_for_selector(f".trace a[href='/channels/{OTHER}']")
    assert operator.page.locator(f".trace a[href='/channels/{DOWN}']").count() == 0


def _reads_what_became_of_a_text(operator):
    """The phone is typed into the search: each step stands there with its milliseconds."""
    wait_until(lambda: "delivered" in operator.demo.run("trace", TELECOM), 20)
    operator.search(TELECOM)
    operator.page.wait_for_url(f"**/messages?what={TELECOM}")
    operator.page.wait_for_selector(".trace")
    steps = operator.page.locator(".trace > li").all_inner_texts()
    assert len(steps) >= 6
    assert all(re.search(r"\d{2}:\d{2}:\d{2}\.\d{3}", step) for step in steps)
    assert any("DELIVRD" in step for step in steps)


def _takes_a_customer_on(operator):
    """Four steps, at whose end the credentials are printed."""
    operator.menu("/customers")
    operator.click("a[href='/customers/open']")
    operator.page.fill("#f-customer_name", "Cloud Pine")
    operator.page.fill("#f-customer_id", NUMBER)
    operator.page.fill("#f-name", ACCOUNT)
    operator.click("button[value=on]")
    operator.page.fill("#f-price", "1")
    operator.click("button[value=on]")
    operator.click("input[name=channels][value=demo-cmpp]")
    operator.page.fill("#f-number", PHONE)
    operator.click("button[value=test]")
    operator.page.wait_for_selector("#test .state-good")
    operator.click("button[value=on]")
    operator.click("button[value=on]")
    sheet = operator.page.inner_text(".sheet")
    assert {NUMBER, ACCOUNT, operator.page.inner_text("#secret")} <= set(sheet.split())
    operator.page.emulate_media(media="print")
    assert operator.page.is_visible("#secret")
    assert not operator.page.is_visible("header.bar")
    operator.page.emulate_media(media="screen")


def _tops_up(operator):
    """A thousand points: the entry stands beside its voucher, and the statement adds up."""
    operator.menu("/money")
    operator.click(f"main a[href='/accounts/{ACCOUNT}']")
    operator.click(f"a[href='/accounts/{ACCOUNT}?tab=money']")
    operator.page.fill("#topup-points", "1000")
    operator.page.fill("#topup-note", "voucher 7")
    operator.click("form[action$='/topup'] button")
    assert "1,000" in operator.notice()
    assert "voucher 7" in operator.page.inner_text("main")
    operator.click("a[href^='/statements?account=']")
    operator.page.wait_for_url("**/statements?**")
    cells = operator.page.locator("main tbody tr").last.locator("td.number").all_inner_texts()
    opening, topped_up, charged, returned, adjusted, closing = (int(cell.replace(",", "")) for cell in cells[:6])
    assert (topped_up, closing) == (1_000, 1_000)
    assert opening + topped_up - abs(charged) + returned + adjusted == closing


def _asks_which_way_a_number_goes(operator):
    """Why this number of this customer leaves by that channel, and by no other."""
    operator.menu("/routes")
    operator.page.fill("#test-account", ACCOUNT)
    operator.page.fill("#test-number", PHONE)
    operator.click("main form:has(#test-account) button")
    assert "demo-cmpp" in operator.page.inner_text("main .alert-good")
    chosen = operator.page.locator("main tr:has(.state-good)").first.inner_text()
    assert "demo-cmpp" in chosen
    assert ACCOUNT in chosen


def _makes_the_first_channel_of_their_own(operator):
    """From demo to production: a channel of the operator's own is made, its login is tried, and what is wrong with it is said."""
    name = f"own-{operator.language}"
    operator.menu("/channels")
    operator.click("a[href='/channels/new']")
    operator.click("a[href='/channels/new/cmpp3']")
    operator.page.fill("#f-name", name)
    operator.page.fill("#f-host", "127.0.0.1")
    operator.page.fill("#f-port", "1")
    operator.page.fill("#f-user", "901234")
    operator.page.fill("#f-secret", "secret")
    operator.click("main form button.btn-primary")
    operator.page.wait_for_url(f"**/channels/{name}")
    operator.click("form[action$='/test'] button")
    operator.page.wait_for_selector("#tried .alert-bad")
    operator.sure("stop")
    assert name in operator.notice()
