"""Every screen in Debian's Chromium: both languages, both themes, wide and narrow. And what an operator does on them."""

import re
from itertools import product

import pytest
from playwright.sync_api import sync_playwright
from tests.web.chromium import AXE, HOSTILE, PLACES, Visit, chromium, log_in, of_another_language, running_demo, wait_until

PAIRED = {"zh": (("light", 1440), ("dark", 390)), "en": (("light", 390), ("dark", 1440))}
"""Every two of language, theme and width meet once; `make soak` opens every screen in all eight."""


@pytest.fixture(scope="module")
def console(tmp_path_factory):
    """Demo, browser and the cookies of its administrator."""
    path = chromium()
    assert AXE.exists(), "axe-core is missing: make .venv/.run"
    with running_demo(tmp_path_factory.mktemp("console"), is_hostile=True) as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield demo, browser, log_in(browser, demo)
        browser.close()


@pytest.fixture
def open_visit(console):
    demo, browser, cookies = console
    opened = []

    def opening(language="en", theme="light", width=1440) -> Visit:
        context = browser.new_context(storage_state=cookies, viewport={"width": width, "height": 900}, reduced_motion="reduce")
        context.set_default_timeout(15_000)
        context.add_cookies(
            [
                {"name": "hongyan_language", "value": language, "url": demo.url},
                {"name": "hongyan_theme", "value": theme, "url": demo.url},
            ]
        )
        opened.append(context)
        return Visit(context, demo.url)

    yield opening
    for context in opened:
        context.close()


@pytest.mark.parametrize("language", PAIRED)
def test_no_screen_stumbles(open_visit, console, language):
    """No request leaves the host; no error, no violation of the policy, nothing that axe finds, nothing too wide or untranslated.

    A screen is opened in one of the two ways and turned to the other, which the next one is opened in. Its colours depend on the theme
    and not on the language: they are looked at in one.
    """
    ways, at_colours = list(PAIRED[language]), language == "zh"
    visit, wrong = open_visit(language, *ways[0]), {}
    for place in [*PLACES, *console[0].places]:
        visit.troubles.clear()
        visit.go(place)
        visit.look(at_colours=at_colours)
        ways.reverse()
        visit.turn(*ways[0])
        visit.look(at_colours=at_colours)
        note(visit, language, place, wrong)

    assert wrong == {}


@pytest.mark.soak
@pytest.mark.parametrize(("language", "theme", "width"), [*product(("zh", "en"), ("light", "dark"), (1440, 390))])
def test_no_screen_stumbles_when_it_is_opened_so(open_visit, console, language, theme, width):
    visit, wrong = open_visit(language, theme, width), {}
    for place in [*PLACES, *console[0].places]:
        visit.troubles.clear()
        visit.go(place)
        visit.look()
        note(visit, language, place, wrong)

    assert wrong == {}


def note(visit, language, place, wrong) -> None:
    """What was wrong with a screen, words of the other language among it."""
    visit.troubles += of_another_language(language, visit.text())
    if visit.troubles:
        wrong[place] = list(visit.troubles)


def test_strangers_see_a_login_that_stumbles_over_nothing(console):
    demo, browser, _ = console
    for language, theme in product(("zh", "en"), ("light", "dark")):
        context = browser.new_context(viewport={"width": 390, "height": 844})
        context.add_cookies(
            [
                {"name": "hongyan_language", "value": language, "url": demo.url},
                {"name": "hongyan_theme", "value": theme, "url": demo.url},
            ]
        )
        visit = Visit(context, demo.url)
        visit.go("/channels")
        visit.look()

        assert visit.page.url.endswith("/login?next=/channels")
        assert visit.troubles == []
        context.close()


def test_the_first_page_is_light(open_visit):
    """At most 180 KB over the wire, charts apart."""
    visit, octets = open_visit(), []
    session = visit.page.context.new_cdp_session(visit.page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: octets.append(event["encodedDataLength"]))
    visit.go("/channels")

    assert 100_000 < sum(octets) <= 180_000


def test_the_overview_says_what_share_was_delivered(open_visit):
    visit = open_visit()
    visit.go("/")

    assert re.search(r"[\d,]+\s+\d+\.\d %", visit.page.inner_text(".row-cards"))


def test_what_others_wrote_is_shown_as_text(open_visit):
    visit = open_visit()
    visit.go("/messages?what=13800138000")

    assert HOSTILE in visit.text()
    visit.go("/templates")
    assert HOSTILE in visit.text()
    visit.go("/blacklist")
    assert HOSTILE in visit.text()
    assert visit.troubles == []


def test_the_slash_leads_to_the_search_and_the_search_to_a_trace(open_visit):
    visit = open_visit()
    visit.go("/")
    visit.page.keyboard.press("/")
    visit.page.keyboard.type("13800138001")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector(".trace")

    text = visit.text()
    assert "submitted" in text
    assert "demo-cmpp" in text
    assert "ms)" in text


def test_g_and_a_letter_lead_to_a_screen(open_visit):
    visit = open_visit()
    visit.go("/")
    visit.page.keyboard.press("g")
    visit.page.keyboard.press("c")
    visit.page.wait_for_url("**/channels")


def test_a_channel_is_drained_and_started_with_its_consequence_shown(open_visit):
    visit = open_visit()
    visit.go("/channels/demo-smpp")
    visit.page.click("button:has-text('Drain')")
    assert "messages that wait are sent" in visit.page.inner_text("#drain")
    visit.page.click("#drain button.btn-primary")
    visit.page.wait_for_selector("text=sends what is queued and takes nothing new")
    visit.page.click("main button:has-text('Start')")
    visit.page.wait_for_selector("text=connects and sends")

    assert visit.troubles == []


def test_a_new_account_ends_in_a_sheet_that_works(open_visit, console):
    """The credentials that the sheet shows are taken at the door."""
    import urllib.parse
    import urllib.request

    demo, _, _ = console
    visit = open_visit()
    visit.go("/accounts/new")
    visit.page.fill("#f-name", "acme")
    visit.page.fill("#f-customer_id", "77")
    visit.page.fill("#f-points", "1000")
    visit.page.click("main button.btn-primary")
    visit.page.wait_for_selector("#secret")
    secret = visit.page.inner_text("#secret")
    body = urllib.parse.urlencode({"action": "overage", "userid": 77, "account": "acme", "password": secret}).encode()

    def is_taken() -> bool:
        with urllib.request.urlopen(f"{demo.door}/sms.aspx", body, timeout=10) as answer:
            return "<overage>1000</overage>" in answer.read().decode()

    wait_until(is_taken, 5)
    assert visit.troubles == []


def test_a_channel_shows_its_settings_by_the_sections_of_their_form(open_visit):
    visit = open_visit()
    visit.go("/channels/demo-cmpp/settings")
    sections = visit.page.locator(".toc a").all_inner_texts()
    visit.go("/channels/demo-cmpp")

    assert [one for one in visit.page.locator("h3.subheader").all_inner_texts() if one in sections] == sections


def test_what_is_typed_as_it_stands_is_marked_in_a_help(open_visit):
    visit = open_visit()
    visit.go("/accounts/demo/settings")

    assert visit.page.inner_text("#f-sid-help code") == "new"
    assert "`" not in visit.text()


def test_an_error_leads_back_to_the_page_before(open_visit):
    visit = open_visit()
    visit.go("/routes")
    visit.page.evaluate("document.querySelector('form[action$=\\'/drop\\']').action = '/routes/999999/drop'")
    visit.page.click("[data-act=ask][data-of^=drop-] >> nth=0")
    visit.page.click("dialog[open] button.btn-danger")
    visit.page.click("main a:has-text('Back')")

    assert visit.page.url.endswith("/routes")


def test_an_id_is_copied(open_visit, console):
    visit = open_visit()
    visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.go(console[0].places[1])
    visit.page.click(".copy >> nth=0")

    assert visit.page.evaluate("navigator.clipboard.readText()") == "13800138000"
    visit.page.wait_for_selector(".copy:has-text('Copied')", state="attached")


def test_what_is_wrong_with_a_form_stands_at_its_field(open_visit):
    visit = open_visit()
    visit.go("/channels/demo-cmpp/settings")
    visit.page.fill("#f-window", "0")
    visit.page.click("main button.btn-primary")
    visit.page.wait_for_selector(".invalid-feedback")

    assert "Window" in visit.page.inner_text(".invalid-feedback") or "window" in visit.page.inner_text(".invalid-feedback")
    assert visit.page.input_value("#f-window") == "0"
    assert [one for one in visit.troubles if "422" not in one] == []


def test_an_account_is_topped_up(open_visit):
    visit = open_visit()
    visit.go("/accounts/demo-push?tab=money")
    visit.page.fill("#topup-points", "250")
    visit.page.click("form[action$='/topup'] button.btn-primary")

    visit.page.wait_for_selector("text=250 points were added")


def test_the_route_test_says_which_way_and_why_not_another(open_visit):
    visit = open_visit()
    visit.go("/routes")
    visit.page.fill("#test-account", "demo")
    visit.page.fill("#test-number", "13800138000")
    visit.page.click("main form button:has-text('Test')")
    visit.page.wait_for_selector("text=leaves by demo-cmpp")

    assert "of another account" in visit.text()


def test_a_route_is_moved_by_keys_alone(open_visit):
    """It stays in focus, so that it can be moved on."""
    visit = open_visit()
    visit.go("/routes")
    buttons = visit.page.locator("button[id^='move-'][id$='-down']")
    chosen = buttons.first.get_attribute("id")
    buttons.first.focus()
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector("text=is moved")

    number = chosen.split("-")[1]
    assert visit.page.url.endswith(f"/routes#move-{number}-down")
    visit.page.locator(f"#move-{number}-up").click()
    visit.page.wait_for_selector(f"text=Route {number} is moved")
    visit.look()
    assert visit.troubles == []


def test_a_day_is_chosen_from_a_calendar(open_visit):
    """Which is fetched when it is opened, keeps the policy, and can be used by keys alone."""
    visit = open_visit()
    fetched = []
    visit.page.on("request", lambda request: fetched.append(request.url))
    visit.go("/messages/list")
    assert [url for url in fetched if "calendar" in url] == []

    visit.page.click("#by-from")
    visit.page.wait_for_selector("[data-vc=calendar]")
    visit.look()
    visit.page.click("[data-vc-date$='-15'] button")
    assert visit.page.input_value("#by-from").endswith("-15")
    visit.page.fill("#by-to", "2026-11-20")
    visit.page.keyboard.press("ArrowDown")
    visit.page.wait_for_selector("[data-vc-date='2026-11-20']:visible")
    visit.page.keyboard.press("Escape")
    visit.page.wait_for_selector("[data-vc=calendar]:not([data-vc-calendar-hidden])", state="detached")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url("**to=2026-11-20**")

    assert visit.troubles == []


def test_pages_refresh_themselves_and_leave_an_open_dialog_alone(open_visit):
    visit = open_visit()
    visit.go("/channels/demo-cmpp")
    with visit.page.expect_response(lambda answer: answer.url.endswith("/channels/demo-cmpp"), timeout=12_000) as answered:
        pass

    assert answered.value.status == 200
    assert visit.page.locator("#live").count() == 1
    assert visit.troubles == []


def test_an_account_is_suggested_while_one_types_and_named_by_keys_alone(open_visit):
    """What the browser shows of a datalist, and how keys go through it, is its own: Chromium without a screen shows nothing."""
    visit = open_visit()
    visit.go("/messages/list")
    visit.page.focus("#by-account")
    with visit.page.expect_response("**/suggestions/accounts?account=ush"):
        visit.page.keyboard.type("ush")
    visit.page.wait_for_selector("#by-account-names option[value='demo-push']", state="attached")
    assert visit.page.locator("#by-account-names option").count() == 1
    visit.page.fill("#by-account", "demo-push")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url("**/messages/list?*account=demo-push*")

    assert visit.page.input_value("#by-account") == "demo-push"
    assert visit.troubles == []


def test_the_bell_follows_on_pages_that_refresh_themselves(open_visit):
    visit = open_visit()
    visit.go("/")
    visit.page.evaluate("document.getElementById('bell').ariaLabel = 'old'")
    visit.page.wait_for_selector("#bell:not([aria-label='old'])", timeout=12_000)

    assert visit.page.locator("#bell").count() == 1
    assert visit.page.inner_text(".environment") == "Demo"
    assert visit.troubles == []


def test_a_word_list_with_bad_rows_is_looked_at_and_then_imported(open_visit, tmp_path):
    """Three rows are no words, one is repeated and one is known; the others come in, and nothing before they were seen."""
    visit, many = open_visit(), "很" * 200
    file = tmp_path / "words.csv"
    file.write_bytes("赌博\n赌博\nbadword\n———\n代开发票\n，，\n".encode("gb18030") + many.encode("gb18030"))
    visit.go("/import/words")
    visit.page.set_input_files("#f-file", file)
    visit.page.click("main button:has-text('Look at it')")
    visit.page.wait_for_selector("text=What would become of it")
    found = visit.page.inner_text("main dl")

    assert re.sub(r"\s+", " ", found) == "Rows 7 Added 2 Changed 0 Removed 0 Same 1 Repeated 1 Wrong 3"
    visit.page.click("main button:has-text('Import: 2 added')")
    visit.page.wait_for_selector("text=Imported: 2 added")
    assert "代开发票" in visit.text()
    assert visit.troubles == []


def test_a_wrong_task_is_stopped_and_its_account_reported_what_it_costs(open_visit, console):
    """A task that waits for its hour is cancelled: its points come back, and its messages are never sent."""
    demo, _, _ = console
    said = demo.run(
        "send", "--account", "demo", "--to", "13800138002", "--text", "wrong", "--at", "2027-01-01 10:00:00", "--json"
    )
    task_id = re.search(r"\d{16}", said)[0]
    visit = open_visit()
    visit.go(f"/tasks/{task_id}")
    visit.page.click("main button:has-text('Cancel the task')")
    visit.page.click("#cancel button.btn-danger")
    visit.page.wait_for_selector("text=1 point came back")

    visit.go(f"/tasks/{task_id}")
    assert "cancelled" in visit.text()
