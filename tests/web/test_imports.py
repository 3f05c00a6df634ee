"""Imports on pages and in the admin API: a file is looked at, applied, and read back as it was exported."""

import re
from urllib.parse import quote

import aiohttp
import pytest
import uvloop
from tests.web.chromium import HOSTILE
from tests.web.test_api import calling
from tests.web.test_roles import furnish

from hongyan.formats.workbook import write_workbook
from hongyan.formats.workbook_reader import text_of
from hongyan.model.black_list import ListedNumber
from hongyan.model.number_list import FOREVER_S
from hongyan.model.signature import SignatureChange
from hongyan.model.staff import Role
from hongyan.model.template import TemplateChange
from hongyan.services.admin import rules, templates
from hongyan.web.screens.imports import OCTETS_MOST


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


@pytest.mark.filterwarnings("ignore:Sending a large body")
@pytest.mark.parametrize(
    ("name", "octets"),
    [("file.xlsx", b"PK\x03\x04 nothing"), ("file.csv", b"\xff\xff\xff"), ("file.csv", b"a" * (OCTETS_MOST + 1))],
)
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
