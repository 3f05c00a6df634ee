"""Imports on pages and in the admin API: a file is looked at, applied, and read back as it was exported."""

import re
from urllib.parse import quote

import aiohttp
import pytest
import uvloop
from tests.web.chromium import HOSTILE
from tests.web.test_api import calling
from tests.web.test_browsers import context_of, log_in
from tests.web.test_roles import furnish

from hongyan.formats.workbook import write_workbook
from hongyan.formats.workbook_reader import text_of
from hongyan.model.black_list import ListedNumber
from hongyan.model.number_list import FOREVER_S
from hongyan.model.signature import SignatureChange
from hongyan.model.staff import Role
from hongyan.model.template import TemplateChange
from hongyan.services.admin import rules, templates
from hongyan.services.jobs.running import JobSlice, TakeJob, run_slices, take_jobs
from hongyan.services.jobs.table import READING
from hongyan.web.screens.imports import ROWS_AT_ONCE
from hongyan.web.uploads import PART_OCTETS, PARTS_MOST


async def filled(admin):
    await furnish(admin)
    await listed(admin)


async def listed(admin):
    await admin.change(rules.add_signature, "acme", SignatureChange(name="鸿雁", is_approved=True))
    await admin.change(templates.add_template, "acme", TemplateChange(text="code {1}\nof {2}"))


def upload(browser, octets, name="file.csv", **said):
    form = aiohttp.FormData({"csrf": browser.csrf, **said})
    form.add_field("file", octets, filename=name)
    return form


async def texts_of(admin):
    return {row["text"] for row in await admin.read(lambda tx: tx.rows_of("template"))}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_page_takes_back_what_it_gave_and_what_was_edited_in_it(admin, browse, form):
    async def go(site):
        await filled(admin)
        async with site.browser() as browser:
            await browser.come_in("admin")
            async with browser._session.get(f"{browser.url}/export/templates?form={form}") as answer:
                assert answer.status == 200
                text = text_of(await answer.read())
            edited = text.replace("code {1}", "your code {1}")
            octets = (
                edited.encode()
                if form == "csv"
                else write_workbook("t", ["account", "number", "text"], [["acme", "1", "your code {1}\nof {2}"]])
            )
            await browser.get("/import/templates")
            _, _, same = await browser.ask("POST", "/import/templates", upload(browser, text.encode()))
            _, _, looked = await browser.ask(
                "POST", "/import/templates", upload(browser, octets, f"file.{form}"), {"Accept-Language": "en"}
            )
            before = await texts_of(admin)
            status, _, _ = await browser.post("/import/templates", sure="yes", text=text_of(octets))
        return same, looked, before, status, await texts_of(admin)

    same, looked, before, status, after = browse(go)

    assert 'name="sure"' not in same
    assert "code {1}\nof {2} → your code {1}\nof {2}" in looked
    assert before == {"code {1}\nof {2}"}
    assert status == 303
    assert after == {"your code {1}\nof {2}"}


def test_a_whole_file_removes_only_after_it_was_shown(admin, browse):
    async def go(site):
        await filled(admin)
        async with site.browser() as browser:
            await browser.come_in("review")
            await browser.get("/import/signatures")
            _, _, hostile = await browser.post("/import/signatures", text=f"account,name\nacme,{HOSTILE}", is_whole="yes")
            assert "<script>alert" not in hostile
            form = {"text": "account,name\nacme,新签名", "is_whole": "yes"}
            _, _, text = await browser.post("/import/signatures", **form)
            kept = await admin.read(lambda tx: [row["name"] for row in tx.rows_of("signature")])
            await browser.post("/import/signatures", sure="yes", **form)
            return text, kept, await admin.read(lambda tx: [row["name"] for row in tx.rows_of("signature")])

    text, kept, left = browse(go)

    assert "鸿雁" in text
    assert (kept, left) == (["鸿雁"], ["新签名"])


@pytest.mark.parametrize(("name", "octets"), [("file.xlsx", b"PK\x03\x04 nothing"), ("file.csv", b"\xff\xff\xff")])
def test_a_file_that_cannot_be_read_says_why_and_changes_nothing(admin, browse, name, octets):
    async def go(site):
        await filled(admin)
        async with site.browser() as browser:
            await browser.come_in("admin")
            await browser.get("/import/templates")
            status, _, text = await browser.ask("POST", "/import/templates", upload(browser, octets, name, sure="yes"))
            return status, text, await texts_of(admin)

    status, text, after = browse(go)

    assert status == 422
    assert 'role="alert"' in text
    assert after == {"code {1}\nof {2}"}


@pytest.mark.parametrize("name", ["signatures", "templates", "codes", "words", "blacklist"])
def test_programs_import_what_they_exported(admin, name):
    async def go():
        async with calling(admin) as api:
            await listed(admin)
            _, file = await api.ask("GET", f"/imports/{name}")
            head = file["file"].partition("\r\n")[0]
            _, dry = await api.ask("POST", f"/imports/{name}", {"file": head + "\r\n", "is_whole": True, "is_dry_run": True})
            _, done = await api.ask("POST", f"/imports/{name}", {"file": file["file"], "is_whole": True})
            return file["file"], dry, done, (await api.ask("GET", f"/imports/{name}"))[1]["file"]

    file, dry, done, after = uvloop.run(go())

    assert dry["removed"] == done["same"] == done["rows"]
    assert (done["added"], done["changed"], done["removed"], done["wrong"]) == (0, 0, 0, 0)
    assert after == file


def test_programs_read_which_rows_differ_and_which_are_wrong(admin):
    async def go():
        async with calling(admin) as api:
            await listed(admin)
            file = "account,number,text\nacme,1,other\nacme,2,new\nnobody,3,x\n"
            return (await api.ask("POST", "/imports/templates", {"file": file}))[1], await texts_of(admin)

    answer, texts = uvloop.run(go())

    assert [(row["action"], row["before"].get("text"), row["after"]["text"]) for row in answer["differing"]] == [
        ("added", None, "new"), ("changed", "code {1}\nof {2}", "other"),
    ]  # fmt: skip
    assert [(row["line"], row["why"]) for row in answer["wrong_rows"]] == [(4, "there is no account nobody")]
    assert texts == {"new", "other"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("code 7\nof 8", "1 template fits"),
        ("code 7\nin 8", "It differs at character"),
        (HOSTILE, "No template fits; the nearest is 1 of acme."),
    ],
)
def test_a_page_shows_which_template_a_text_is_of(admin, browse, text, shown):
    async def page(site):
        await filled(admin)
        async with site.browser() as browser:
            await browser.come_in("read-only")
            return await browser.get(f"/templates?text={quote(text)}", **{"Accept-Language": "en"})

    _, _, answer = browse(page)
    assert shown in answer
    assert "<script>alert" not in answer


def test_a_program_reads_which_template_a_text_is_of(admin):
    async def go():
        async with calling(admin) as api:
            await listed(admin)
            return [(await api.ask("GET", f"/templates/test?text={quote(text)}"))[1] for text in ("code 7\nof 8", "code 7")]

    fits, differs = uvloop.run(go())

    assert fits == {
        "matches": [{"account": "acme", "number": "1", "text": "code {1}\nof {2}", "values": {"1": "7", "2": "8"}}],
        "nearest": [],
    }
    assert [(row["start"], row["wanted"]) for row in differs["nearest"]] == [(5, "{1}\nof {2}")] or differs["matches"] == []


def test_who_may_not_see_phones_sees_no_phone_of_a_black_list(admin, browse):
    """The number that is stored is in no file of theirs: the whole list without it would show it."""

    async def go(site):
        await filled(admin)
        async with site.browser() as browser:
            await browser.come_in("support")
            await browser.get("/import/blacklist")
            _, _, looked = await browser.post("/import/blacklist", text="number", is_whole="yes")
            status, _, _ = await browser.get("/export/blacklist")
            return looked, status

    looked, status = browse(go)

    assert "139****9000" in looked
    assert "13900139000" not in looked
    assert status == 403


def test_a_program_that_may_not_see_phones_sees_none(admin):
    async def go():
        async with calling(admin) as api:
            await admin.change(rules.add_listed, [ListedNumber(phone=8613900139000, end_s=FOREVER_S, note="")], "")
            file = {"file": "number", "is_whole": True, "is_dry_run": True}
            of_support = await api.ask("POST", "/imports/blacklist", file, Role.SUPPORT)
            export, _ = await api.ask("GET", "/imports/blacklist", role=Role.SUPPORT)
            return of_support[1], export

    answer, status = uvloop.run(go())

    assert [row["before"]["number"] for row in answer["differing"]] == ["139****9000"]
    assert status == 403


@pytest.mark.parametrize(
    ("table", "row", "heads"),
    [
        ("templates", "acme,7,code {1}", ["账号", "编号", "内容"]),
        ("blacklist", "13900139000,asked", ["号码", "备注", "到期", "账号"]),
    ],
)
def test_the_number_of_a_template_is_no_phone(admin, browse, table, row, heads):
    async def go(site):
        await filled(admin)
        async with site.browser() as browser:
            await browser.come_in("admin")
            await browser.get(f"/import/{table}")
            form = {"csrf": browser.csrf, "text": row}
            return (await browser.ask("POST", f"/import/{table}", form, {"Accept-Language": "zh"}))[2]

    assert re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', browse(go)) == heads


ENGLISH = {"Accept-Language": "en"}


async def run_jobs(admin):
    """Everything that waits, to its end."""

    def take(tx, act):
        return take_jobs(tx, [TakeJob("here", is_alone=True)], now_ms=act.now_ms)[0]

    while job := await admin.change(take):
        while job is not None:
            read = READING.get(job.kind)
            page = await admin.read(read, job, admin.now_ms()) if read else None
            part = JobSlice(job.id, "here", page)
            job = await admin.change(lambda tx, act, part=part: run_slices(tx, [part], ids=act.ids, now_ms=act.now_ms)[0])


def many_words(count):
    return "word,account\n" + "".join(f"word {number},\n" for number in range(count))


def test_a_large_file_is_compared_and_imported_by_jobs(admin, browse):
    rows = ROWS_AT_ONCE + 1

    async def go(site):
        await filled(admin)
        await admin.change(rules.add_words, ["word 7", "Word, 8"], "")
        async with site.browser() as browser:
            await browser.come_in("review")
            await browser.get("/import/words")
            text = many_words(rows) + "x,nobody\n"
            status, headers, _ = await browser.ask("POST", "/import/words", upload(browser, text.encode(), sure="yes"), ENGLISH)
            path = headers["location"]
            _, _, waiting = await browser.get(path)
            await run_jobs(admin)
            _, _, compared = await browser.get(path, **{"Accept-Language": "en"})
            _, _, wrong = await browser.get(f"{path}/rows?of=wrong&form=csv", **{"Accept-Language": "en"})
            _, _, differing = await browser.get(f"{path}/rows?of=differing&form=csv", **{"Accept-Language": "en"})
            before = len(await admin.read(lambda tx: list(rules.words(tx, ""))))
            began, _, _ = await browser.post(path)
            again, _, _ = await browser.post(path)
            await run_jobs(admin)
            _, _, imported = await browser.get(path, **{"Accept-Language": "en"})
            after = len(await admin.read(lambda tx: list(rules.words(tx, ""))))
            _, _, listed = await browser.get("/jobs")
        return status, waiting, compared, wrong, differing, before, (began, again), imported, after, listed, path

    status, waiting, compared, wrong, differing, before, posts, imported, after, listed, path = browse(go)

    assert status == 303
    assert "<progress" in waiting
    assert f"Import: {rows - 2:,} added, 1 changed, 0 removed" in compared
    assert wrong.splitlines() == ["\ufeffLine,Why,word,account", f"{rows + 2},there is no account nobody,x,nobody"]
    assert differing.count("\r\n") == rows
    assert 'changed,word 8,,"word: Word, 8"' in differing
    assert before == 2
    assert posts == (303, 409)
    assert "2,000 of 2,000" in imported
    assert "Import: " not in imported
    assert after == rows
    assert f'href="{path}"' in listed


def test_an_empty_comparison_imports_nothing_and_a_cancelled_one_says_so(admin, browse):
    async def go(site):
        await filled(admin)
        async with site.browser() as browser:
            await browser.come_in("admin")
            await browser.get("/import/words")
            text = "word,account\n" + "same,\n" * (ROWS_AT_ONCE + 1)
            _, headers, _ = await browser.ask("POST", "/import/words", upload(browser, text.encode()))
            path = headers["location"]
            await browser.post(f"{path}/cancel")
            _, _, cancelled = await browser.get(path, **{"Accept-Language": "en"})
            nothing, _, _ = await browser.post(path)
            elsewhere, _, _ = await browser.get(path.replace("words", "templates"))
        return cancelled, nothing, elsewhere

    cancelled, nothing, elsewhere = browse(go)

    assert "cancelled" in cancelled
    assert (nothing, elsewhere) == (409, 404)


def test_who_may_not_see_phones_sees_none_of_a_large_black_list(admin, browse):
    async def go(site):
        await filled(admin)
        numbers = "number\n" + "".join(f"138{number:08}\n" for number in range(ROWS_AT_ONCE)) + "13800a\n"
        async with site.browser() as browser:
            await browser.come_in("support")
            await browser.get("/import/blacklist")
            _, headers, _ = await browser.ask("POST", "/import/blacklist", upload(browser, numbers.encode()))
            path = headers["location"]
            await run_jobs(admin)
            _, _, looked = await browser.get(path)
            statuses = [(await browser.get(f"{path}/rows?of={of}&form=csv"))[0] for of in ("wrong", "differing")]
        return looked, statuses

    looked, statuses = browse(go)

    assert "138****0000" in looked
    assert not re.search("138[0-9]{8}|13800a", looked)
    assert statuses == [403, 403]


@pytest.mark.filterwarnings("ignore:Sending a large body")
def test_a_file_comes_in_parts_that_nobody_else_can_use(admin, browse):
    async def go(site):
        await filled(admin)
        octets = write_workbook("t", ["word", "account"], [[f"word {number}", ""] for number in range(ROWS_AT_ONCE + 1)])
        async with site.browser() as browser, site.browser() as other:
            await browser.come_in("review")
            await browser.get("/import/words")
            own, name = {"X-CSRF-Token": browser.csrf}, ""
            for number in range(2):
                part = octets[len(octets) // 2 * number : len(octets) // 2 * (number + 1) if not number else None]
                _, _, name = await browser.ask("POST", f"/import/words/parts?part={number}&name={quote(name)}", part, own)
            whole = {"upload": name, "parts": "2"}
            _, sent, _ = await browser.post("/import/words", **whole)
            missing, _, _ = await browser.post("/import/words", **whole | {"parts": "3"})
            elsewhere, _, _ = await browser.post("/import/templates", **whole)
            large, _, _ = await browser.ask(
                "POST", f"/import/words/parts?part=0&name={quote(name)}", b"a" * (PART_OCTETS + 1), own
            )
            many, _, _ = await browser.ask("POST", f"/import/words/parts?part={PARTS_MOST}&name={quote(name)}", b"a", own)
            await other.come_in("admin")
            await other.get("/import/words")
            others, _, _ = await other.post("/import/words", **whole)
        return sent["location"], (missing, elsewhere, large, many, others)

    location, refused = browse(go)

    assert re.fullmatch("/import/words/[0-9]+", location)
    assert refused == (422, 422, 422, 422, 422)


def test_a_program_has_a_file_compared_and_imported_by_jobs(admin):
    async def go():
        async with calling(admin) as api:
            await listed(admin)
            file = {"file": "account,number,text\nacme,1,other\nnobody,3,x\n"}
            _, asked = await api.ask("POST", "/imports/templates/jobs", file)
            early, _ = await api.ask("POST", f"/imports/templates/jobs/{asked['job']}")
            await run_jobs(admin)
            _, job = await api.ask("GET", f"/jobs/{asked['job']}")
            _, changed = await api.ask("GET", f"/jobs/{asked['job']}/result?piece=1")
            began, imported = await api.ask("POST", f"/imports/templates/jobs/{asked['job']}")
            await run_jobs(admin)
            _, done = await api.ask("GET", f"/jobs/{imported['job']}")
            return early, job, changed["rows"], began, done, await texts_of(admin)

    early, job, changed, began, done, texts = uvloop.run(go())

    assert (early, began) == (409, 201)
    assert (job["state"], job["result"]["changed"], job["result"]["wrong"]) == ("done", 1, 1)
    assert changed == [["changed", "acme", "1", "other", "text: code {1}\nof {2}", "", ""]]
    assert (done["state"], done["result"]) == ("done", {"changed": 1})
    assert texts == {"other"}


def test_files_with_phones_leave_a_row_in_the_audit(admin, browse):
    async def go(site):
        await filled(admin)
        async with site.browser() as browser:
            await browser.come_in("admin")
            paths = (
                "/blacklist?form=csv&phone=13900139000",
                "/messages/list?form=xlsx&state=delivered",
                "/channels?form=csv",
                "/export/blacklist",
            )
            statuses = [(await browser.get(path))[0] for path in paths]
        return statuses, await admin.read(lambda tx: tx.rows_of("audit", action="list.download"))

    statuses, rows = browse(go)

    assert statuses == [200] * 4
    assert {row["actor"] for row in rows} == {"staff:admin"}
    noted = sorted((row["subject"], row["after"]) for row in rows)
    assert [subject for subject, _ in noted] == ["blacklist", "listed", "messages"]
    assert '"phone":"139****9000"' in noted[1][1]
    assert '"state":"delivered"' in noted[2][1]


def test_a_browser_sends_a_large_file_in_parts_and_follows_its_comparison(admin, browse):
    async def go(site):
        await filled(admin)
        octets = "".join(f"{'word' * 10} {number}\n" for number in range(2 * PART_OCTETS // 40)).encode()
        async with context_of(locale="en-US") as context:
            page = await context.new_page()
            troubles = []
            page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
            await log_in(page, site.url, "review")
            await page.goto(f"{site.url}/import/words")
            await page.set_input_files("[name=file]", {"name": "words.csv", "mimeType": "text/csv", "buffer": octets})
            await page.click("form[data-parts] button.btn-primary")
            await page.wait_for_url(re.compile("/import/words/[0-9]+$"))
            running = await page.locator("#live progress").count()
            await run_jobs(admin)
            await page.wait_for_selector("text=What would become of it")
            await page.click("text=/^Import: /")
            await page.wait_for_selector("#live progress")
            await run_jobs(admin)
            await page.wait_for_selector("text=What the file does")
            return len(octets), running, troubles, len(await admin.read(lambda tx: list(rules.words(tx, ""))))

    sent, running, troubles, words = browse(go)

    assert sent > 2 * PART_OCTETS
    assert (running, troubles) == (1, [])
    assert words == 2 * PART_OCTETS // 40
