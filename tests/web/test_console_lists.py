"""Lists on pages: progress of tasks as bars, accounts of a customer, balances that are none, figures as files, lines of the live tail."""

import html
import re
import sqlite3
from contextlib import closing
from io import BytesIO
from urllib.parse import quote
from zipfile import ZipFile

import uvloop
from tests.web.test_api import calling
from tests.web.test_roles import furnish

from hongyan.model.channel import ChannelState
from hongyan.model.job import JobKind, JobRows, JobState, packed
from hongyan.services.admin import accounts, channels, jobs, sending, tasks
from hongyan.services.queries.lists import messages

ENGLISH = {"Accept-Language": "en"}


async def page_of(site, path, role="admin"):
    async with site.browser() as browser:
        await browser.come_in(role)
        return await browser.get(path, **ENGLISH)


async def sent(admin, *numbers):
    await furnish(admin)
    return await sending.send(admin, "acme", list(numbers), "您好", source="test")


def test_a_task_shows_its_progress_as_a_bar_with_its_figures(admin, browse):
    async def go(site):
        await sent(admin, "13800138000", "13800138001")
        return (await page_of(site, "/tasks?size=batch&state=released&account=acme&product=sms&from=2020-01-01"))[2]

    text = browse(go)

    assert 'aria-label="Of 2 numbers: 0 delivered, 0 failed' in text
    assert re.search(r'progress-number">0 %<', text)
    assert 'value="batch" selected' in text


def test_a_bar_that_was_not_counted_with_its_list_counts_itself(admin, browse):
    async def go(site):
        task = (await sent(admin, "13800138000")).task_id
        return await page_of(site, f"/tasks/{task}/progress", "read-only")

    status, _, text = browse(go)

    assert status == 200
    assert 'aria-label="Of 1 number: 0 delivered' in text


def test_a_customer_shows_its_accounts_and_no_others(admin, browse):
    async def go(site):
        await furnish(admin)
        await admin.change(accounts.add_customer, 8, "other", None)
        async with site.browser() as browser:
            await browser.come_in("admin")
            return [(await browser.get(f"/customers/{number}", **ENGLISH))[2] for number in (7, 8)]

    of_seven, of_eight = browse(go)

    assert 'href="/accounts/acme"' in of_seven
    assert 'href="/accounts/acme"' not in of_eight
    assert "The customer has no account yet." in of_eight


def test_figures_are_exported_as_every_list_is(admin, browse):
    async def go(site):
        await sent(admin, "13800138000")
        async with site.browser() as browser:
            await browser.come_in("admin")
            _, headers, text = await browser.get("/statistics?by=account&form=csv", **ENGLISH)
            async with browser._session.get(f"{browser.url}/statistics?by=account&form=xlsx") as answer:
                book = await answer.read()
        return headers["Content-Type"], text, book

    kind, text, book = browse(go)

    assert kind.startswith("text/csv")
    assert text.removeprefix("\ufeff").splitlines()[1].startswith("acme,2,")
    assert "acme" in ZipFile(BytesIO(book)).read("xl/sharedStrings.xml").decode()


def test_the_live_tail_shows_the_busiest_as_lines(admin, browse):
    async def go(site):
        await sent(admin, "13800138000")
        return (await page_of(site, "/live"))[2]

    text = browse(go)

    assert text.count('<svg class="spark"') == 2
    assert 'href="/accounts/acme"' in text
    assert 'href="/channels/up1"' in text


def test_a_program_gets_figures_as_a_file_too(admin):
    async def go():
        async with calling(admin) as api:
            await sending.send(admin, "acme", ["13800138000"], "您好", source="test")
            _, answer = await api.ask("GET", "/statistics?by=account")
            async with api.session.get(f"{api.url}/statistics?by=account&form=csv", headers=api.authorization()) as file:
                return answer["items"], (await file.text("utf-8-sig")).splitlines()

    (row,), (head, line) = uvloop.run(go())

    assert head.split(",") == list(row)
    assert line.split(",") == ["" if value is None else str(value) for value in row.values()]


def test_bars_stand_for_parts_of_what_was_submitted_each_once(admin, browse):
    async def go(site):
        await sent(admin, "13800138000")
        return (await page_of(site, "/statistics?by=account"))[2]

    figure = re.search(r"<figure data-chart=\"bar\".*?</figure>", browse(go), re.DOTALL)[0]

    assert re.findall(r'scope="col"[^>]*>([^<]+)<', figure) == ["Account", "Pending", "Delivered", "Failed", "Unknown"]
    assert re.findall(r'data-value="(\d+)"', figure) == ["2", "0", "0", "0"]


def test_the_audit_is_in_words_in_the_readers_language(admin, browse):
    async def go(site):
        await furnish(admin)
        await admin.change(channels.set_channel_state, "up1", ChannelState.PAUSED)
        async with site.browser() as browser:
            await browser.come_in("admin")
            return [(await browser.get("/audit", **{"Accept-Language": language}))[2] for language in ("en", "zh")]

    english, chinese = browse(go)

    assert "state: running → paused" in english
    assert "状态: 运行 → 暂停" in chinese
    assert not re.search(r"\b(?:state|pay_mode|product|charge_rule): \d", english)
    assert re.search(r"made: 20\d\d-", english)


def test_steps_and_states_have_no_underlines_on_pages(admin, browse):
    async def go(site):
        task = (await sent(admin, "13800138009")).task_id
        await tasks.cancel(admin, task)
        return (await page_of(site, f"/messages?what={task}"))[2]

    assert "report waiting" in browse(go)


def test_the_result_of_a_job_is_a_file_for_people(admin, browse, sqlite_store):
    """What programs get as milliseconds and English words is China's time and the reader's words."""
    rows = [["id", "state", "accepted_ms"], [7, "delivered", 1_780_000_000_123]]

    def done(tx, act, number):
        tx.add_piece(number, JobRows.RESULT, 0, packed(rows))
        tx.end_job(number, JobState.DONE, {}, act.now_ms)

    async def go(site):
        number = await jobs.ask_for(admin, JobKind.MESSAGE_EXPORT, {})
        await admin.change(done, number)
        with closing(sqlite3.connect(sqlite_store.path, isolation_level=None)) as store:
            store.execute("UPDATE job SET pieces = 1")
        async with site.browser() as browser:
            await browser.come_in("admin")
            return [(await browser.get(f"/jobs/{number}/result", **{"Accept-Language": one}))[2] for one in ("en", "zh")]

    english, chinese = browse(go)

    assert english.split() == ["\ufeffID,State,Accepted", "7,delivered,2026-05-29", "04:26:40.123"]
    assert chinese.splitlines()[1] == "7,已送达,2026-05-29 04:26:40.123"


def test_a_list_that_has_not_looked_through_all_looks_further(admin, browse, monkeypatch):
    async def go(site):
        await sent(admin, "13800138000", "13800138001")
        monkeypatch.setattr(messages, "LOOKED_MOST", 1)
        async with site.browser() as browser:
            await browser.come_in("admin")
            pages, further = [], ["?state=delivered&amp;channel=up1"]
            while further:
                _, _, seen = await browser.get(f"/messages/list{html.unescape(further[0])}", **ENGLISH)
                further = re.findall(r'<a class="btn" href="([^"]*)">Look further', seen)
                pages.append((seen, *further))
            return pages

    first, *_, last = browse(go)

    assert "None of the newest 1 here fits." in first[0]
    assert first[1].startswith("?state=delivered&amp;channel=up1&amp;after=")
    assert "Look further" not in last[0]


def test_a_program_that_looks_further_gets_a_place_without_rows(admin, monkeypatch):
    async def go():
        async with calling(admin) as api:
            await sending.send(admin, "acme", ["13800138000", "13800138001"], "您好", source="test")
            monkeypatch.setattr(messages, "LOOKED_MOST", 1)
            _, first = await api.ask("GET", "/messages?state=delivered")
            return first, (await api.ask("GET", f"/messages?state=delivered&after={quote(first['next'])}"))[1]

    first, last = uvloop.run(go())

    assert first["items"] == []
    assert last == {"items": [], "next": None}


def test_a_customers_page_leads_to_a_new_account_of_it(admin, browse):
    async def go(site):
        await admin.change(accounts.add_customer, 8, "Spruce", None)
        async with site.browser() as browser:
            await browser.come_in("admin")
            _, _, customer = await browser.get("/customers/8", **ENGLISH)
            (address,) = re.findall(r'href="(/accounts/new[^"]*)"', customer)
            return customer, (await browser.get(address, **ENGLISH))[2]

    customer, form = browse(go)

    assert "Customer 8 Spruce" in customer
    assert re.search(r'name="customer_id"[^>]* value="8"', form)
