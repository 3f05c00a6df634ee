"""Ten chores of an operator in Chromium, each in so many clicks, which are the same in either language; `make soak` has English."""

import re
import sqlite3
import urllib.parse
import urllib.request
from contextlib import closing

import pytest
from playwright.sync_api import sync_playwright
from tests.web.chromium import Operator, Visit, chromium, log_in, running_demo, wait_until

NUMBER = {"zh": "1", "en": "2"}
"""A digit by which things of one language differ from those of the other."""


@pytest.fixture(scope="module")
def console(tmp_path_factory):
    path = chromium()
    with running_demo(tmp_path_factory.mktemp("chores")) as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield demo, browser, log_in(browser, demo)
        browser.close()


@pytest.fixture(params=["zh", pytest.param("en", marks=pytest.mark.soak)])
def operator(request, console):
    """At the overview, in one language after the other."""
    demo, browser, cookies = console
    context = browser.new_context(storage_state=cookies, viewport={"width": 1440, "height": 900}, accept_downloads=True)
    context.set_default_timeout(15_000)
    context.add_cookies([{"name": "hongyan_language", "value": request.param, "url": demo.url}])
    visit = Visit(context, demo.url)
    visit.go("/")
    yield Operator(visit, demo, request.param)
    assert visit.troubles == []
    context.close()


def test_a_complaint_about_a_phone(operator):
    """What became of the text, what the carrier said; a copy for the ticket, the number black-listed."""
    phone = f"1380013820{NUMBER[operator.language]}"
    operator.demo.run("send", "--account", "demo", "--to", phone, "--text", "验证码 1234【鸿雁】", "--wait", "20")
    operator.search(phone)
    operator.click("#pdus a.btn")
    pdus = operator.page.inner_text("#pdus pre")
    assert "SUBMIT" in pdus.upper()
    assert phone in pdus
    assert re.search(r"^ +[0-9a-f]{60,}", pdus, re.MULTILINE)
    operator.click("[data-act=copy][data-of=ticket]")
    operator.sure("list")

    assert operator.notice()
    assert operator.clicks == 4
    assert phone in operator.demo.run("blacklist", "export")


def test_a_message_is_sent_again(operator):
    phone = f"1380013830{NUMBER[operator.language]}"
    operator.demo.run("send", "--account", "demo", "--to", phone, "--text", "您好【鸿雁】", "--wait", "20")
    operator.visit.go(f"/messages?what={phone}")
    operator.sure("resend")

    assert operator.notice()
    assert operator.clicks == 2


def test_a_wrong_bulk_is_stopped_and_refunded(operator):
    """What waits is taken back; what was delivered is given back with a reason."""
    numbers = [word for last in range(10) for word in ("--to", f"138001384{NUMBER[operator.language]}{last}")]
    later = operator.demo.run("send", "--account", "demo", *numbers, "--text", "wrong", "--at", "2027-01-01 10:00:00", "--json")
    sent = operator.demo.run("send", "--account", "demo", *numbers, "--text", "wrong【鸿雁】", "--wait", "30", "--json")
    waiting, ended = (re.search(r'"task_id": ?(\d{16})', output)[1] for output in (later, sent))
    operator.menu("/tasks")
    operator.click(f"a[href='/tasks/{waiting}']")
    operator.sure("cancel")
    assert "10" in operator.notice()
    operator.menu("/tasks")
    operator.click(f"a[href='/tasks/{ended}']")
    operator.click("[data-act=ask][data-of=refund]")
    operator.page.fill("#refund input[name=note]", "wrong text")
    operator.click("#refund button:not([data-act])")

    assert "10" in operator.notice()
    assert "wrong text" in operator.page.inner_text("#live"), "who gave them back, and why, stands on its page"
    assert operator.clicks == 8


def test_a_channel_that_is_down_is_drained(operator):
    name = f"down{NUMBER[operator.language]}"
    operator.demo.run(
        "channel",
        "add",
        name,
        "--protocol",
        "smpp",
        "--host",
        "127.0.0.1",
        "--port",
        "1",
        "--user",
        "u",
        "--secret-file",
        "-",
        stdin="secret",
    )
    wait_until(lambda: "connect" in operator.demo.run("channel", "show", name), 20)
    operator.visit.go("/")
    operator.click(f"main a.btn[href='/channels/{name}']")
    operator.sure("drain")

    assert name in operator.notice()
    assert operator.clicks == 3
    operator.demo.run("channel", "stop", name)


def test_a_new_customer_ends_in_a_sheet_to_print(operator):
    """In four steps; what the sheet says is taken at the door at once."""
    number = f"90{NUMBER[operator.language]}"
    operator.menu("/customers")
    operator.click("a[href='/customers/open']")
    operator.page.fill("#f-customer_name", "Cloud Pine")
    operator.page.fill("#f-customer_id", number)
    operator.page.fill("#f-name", f"pine{number}")
    operator.click("button[value=on]")
    operator.page.fill("#f-price", "2")
    operator.page.fill("#f-points", "500")
    operator.click("button[value=on]")
    operator.click("input[name=channels][value=demo-cmpp]")
    operator.click("button[value=on]")
    operator.page.fill("#f-ip_list", "127.0.0.1")
    operator.click("button[value=on]")
    secret = operator.page.inner_text("#secret")
    body = urllib.parse.urlencode(
        {"action": "overage", "userid": number, "account": f"pine{number}", "password": secret}
    ).encode()

    def is_taken() -> bool:
        with urllib.request.urlopen(f"{operator.demo.door}/sms.aspx", body, timeout=10) as answer:
            return "<overage>500</overage>" in answer.read().decode()

    wait_until(is_taken, 5)
    assert operator.clicks == 7
    output = operator.demo.run("account", "show", f"pine{number}")
    assert "127.0.0.1" in output
    assert re.search(r"sms any.*2", output)
    assert f"pine{number}" in operator.demo.run("route", "list")
    operator.page.emulate_media(media="print")
    assert operator.page.is_visible("#secret")
    assert not operator.page.is_visible("aside")


def test_a_steps_mistake_is_shown_in_that_step_and_nothing_is_lost(operator):
    operator.visit.go("/customers/open")
    operator.page.fill("#f-customer_id", "7")
    operator.page.fill("#f-name", "demo")
    operator.click("button[value=on]")

    assert "demo" in operator.page.inner_text(".alert-bad")
    assert operator.page.input_value("#f-customer_id") == "7"
    operator.visit.troubles = [one for one in operator.visit.troubles if "409" not in one]


def test_a_months_bill(operator):
    operator.menu("/statements")
    operator.page.select_option("#by-period", "month")
    operator.page.fill("#by-account", "demo")
    operator.click("main form button.btn-primary")
    with operator.page.expect_download() as downloading:
        operator.click("a[href*='form=xlsx']")

    assert downloading.value.suggested_filename.endswith(".xlsx")
    assert operator.clicks == 3


def test_a_low_balance_is_topped_up(operator):
    name = f"low{NUMBER[operator.language]}"
    operator.demo.run("account", "add", name, "--userid", "14", "--secret-file", "-", "--points", "10", stdin="secret")
    operator.visit.go("/")
    operator.click(f"main a.btn[href='/accounts/{name}?tab=money']")
    operator.page.fill("#topup-points", "5000")
    operator.page.fill("#topup-note", "voucher 7")
    operator.click("form[action$='/topup'] button")

    assert re.search("5,?010", operator.notice())
    assert operator.clicks == 2


def test_a_signature_that_waits_is_approved(operator):
    name = f"云松{NUMBER[operator.language]}"
    operator.demo.run("sign", "add", "demo", name)
    operator.visit.go("/")
    operator.click("main a.btn[href='/signatures?state=pending']")
    assert name in operator.visit.text()
    operator.click("form[action$='/approve'] button")

    assert operator.notice()
    assert operator.clicks == 2
    assert re.search(rf"{name}.*approved", operator.demo.run("sign", "list"))


def test_a_word_list_with_three_bad_rows_is_imported(operator, tmp_path):
    number, many = NUMBER[operator.language], "很" * 200
    file = tmp_path / "words.csv"
    file.write_bytes(f"赌{number}博\n———\n代开{number}票\n，，\n{many}".encode("gb18030"))
    operator.menu("/words")
    operator.click("main a[href='/import/words']")
    operator.page.set_input_files("#f-file", file)
    operator.click("main button.btn-primary")
    rows = operator.page.locator("main table").last.locator("tbody tr").all_inner_texts()
    assert [row.split()[0] for row in rows] == ["2", "4", "5"]
    operator.click("form:has([name=sure]) button")

    assert "2" in operator.notice()
    assert operator.clicks == 4


def test_a_code_is_explained(operator):
    code = f"XQ:000{NUMBER[operator.language]}"
    with closing(sqlite3.connect(operator.demo.data / "hongyan.db", timeout=20, isolation_level=None)) as store:
        (channel,) = store.execute("SELECT id FROM channel WHERE name = 'demo-cmpp'").fetchone()
        columns = "channel_id, code, seen, first_ms, last_ms"
        store.execute(f"INSERT INTO unknown_code ({columns}) VALUES (?, ?, 3, 1780000000000, 1780000000000)", (channel, code))
    operator.visit.go("/")
    operator.click("main a.btn[href='/codes']")
    operator.click(f"main a:has-text('{code}')")
    assert operator.page.input_value("#f-code") == code
    operator.page.select_option("#f-kind", "absent")
    operator.page.fill("#f-english", "phone is off")
    operator.page.fill("#f-chinese", "关机")
    operator.click("#explain button.btn-primary")

    assert code in operator.notice()
    assert operator.clicks == 3
    assert code not in operator.demo.run("code", "unknown")


def test_pushes_are_replayed(operator):
    operator.demo.run("send", "--account", "demo-push", "--to", "13000130000", "--text", "您好【鸿雁】", "--wait", "20")
    wait_until(lambda: "taken" in operator.demo.run("callback", "list", "demo-push"), 20)
    operator.menu("/pushes")
    operator.page.fill("#account", "demo-push")
    operator.page.press("#account", "Enter")
    operator.page.wait_for_url("**/pushes?account=demo-push")
    operator.click("form[action='/pushes/replay'] button")

    assert re.search(r"[1-9]", operator.notice())
    assert operator.clicks == 2


def test_a_callback_and_a_channel_are_tried(operator):
    operator.visit.go("/accounts/demo-push?tab=pushes")
    operator.click("form[action$='/push-test'] button")
    assert "200" in operator.page.inner_text("#sample")
    operator.visit.go("/channels/demo-cmpp")
    operator.page.fill("#test-number", "13800138500")
    operator.click("form[action$='/test'] button")

    assert "SUBMIT" in operator.page.inner_text("#tried").upper()
    assert operator.page.locator("#tried .alert-good").count() == 1
