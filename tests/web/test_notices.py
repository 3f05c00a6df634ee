"""What a page says after a change: what was done, to what."""

import ast

import aiohttp
import pytest
from tests.catalogue import SOURCE
from tests.web.test_roles import PHONE, furnish

from hongyan.model.channel import Channel
from hongyan.model.protocol import Protocol
from hongyan.model.signature import SignatureChange
from hongyan.services.admin import channels, rules

ENGLISH = {"Accept-Language": "en"}
WHOLE = {
    "Your password is changed, and your other sessions have ended.",
    "A sample notice is sent: see that it has arrived.",
}
"""Sentences that need no gap: there is one such thing."""


def _texts(node: ast.AST) -> list[str]:
    """The texts for people in an expression."""
    calls = [one for one in ast.walk(node) if isinstance(one, ast.Call) and ast.unparse(one.func) in {"_", "N_"}]
    return [str(one.args[0].value) for one in calls if isinstance(one.args[0], ast.Constant)]


def test_every_notice_names_what_was_changed():
    nameless = {}
    for path in (SOURCE / "web").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "done":
                texts = [one for one in _texts(node.args[1]) if "{" not in one and one not in WHOLE]
                if texts:
                    nameless[path.name, node.lineno] = texts
    assert nameless == {}


async def _after(browser, path, **form) -> str:
    """Returns the page that follows a change."""
    status, headers, text = await browser.ask("POST", path, {"csrf": browser.csrf} | form, ENGLISH)
    assert status == 303, text
    return (await browser.get(headers["Location"], **ENGLISH))[2]


@pytest.mark.parametrize(("path", "word"), [("approve", "approved"), ("reject", "rejected")])
def test_a_decision_names_the_signature(admin, browse, path, word):
    async def go(site):
        await furnish(admin)
        number = await admin.change(rules.add_signature, "acme", SignatureChange(name="云松"))
        async with site.browser() as browser:
            await browser.come_in("review")
            return await _after(browser, f"/signatures/{number}/{path}", note="")

    assert f"The signature 【云松】 of acme is {word}." in browse(go)


def test_a_change_of_the_staff_says_what_was_changed(browse):
    async def go(site):
        async with site.browser() as browser:
            await browser.come_in("admin")
            forms = (("/staff/support", {"is_stopped": "yes"}), ("/staff/support/second-factor/reset", {}))
            return [await _after(browser, path, **form) for path, form in forms]

    stopped, forgotten = browse(go)

    assert "support is stopped, and may not log in." in stopped
    assert "The second factor of support is forgotten" in forgotten


@pytest.mark.parametrize(("role", "phone"), [("operations", PHONE), ("support", "138****8000")])
def test_a_message_shows_that_its_number_is_black_listed_now(admin, browse, role, phone):
    async def go(site):
        await furnish(admin)
        async with site.browser() as browser:
            await browser.come_in(role)
            (number,) = [row["id"] for row in await admin.read(lambda tx: tx.rows_of("message"))]
            before = (await browser.get(f"/messages/{number}", **ENGLISH))[2]
            listed = await _after(browser, f"/messages/{number}/blacklist")
            return before, listed, await _after(browser, f"/messages/{number}/unlist")

    before, listed, after = browse(go)

    assert "for all accounts" not in before
    assert f"{phone} is black-listed for all accounts." in listed
    assert "from message" in listed
    assert "Take it off the black list" in listed
    assert f"{phone} is off the list of all accounts." in after
    assert "Take it off the black list" not in after


@pytest.mark.parametrize(("protocol", "why"), [(Protocol.LOOPBACK, "is a loopback"), (Protocol.HTTP, "speaks HTTP")])
def test_a_channel_without_pdus_says_why(admin, browse, protocol, why):
    async def go(site):
        await admin.change(channels.add_channel, Channel(0, "up1", protocol, host="127.0.0.1", port=9), admin.sealer)
        async with site.browser() as browser:
            await browser.come_in("admin")
            return (await browser.get("/channels/up1?pdus=yes", **ENGLISH))[2]

    assert f"up1 {why}" in browse(go)


def test_an_import_counts_the_rows_that_it_left_out(browse):
    async def go(site):
        async with site.browser() as browser:
            await browser.come_in("admin")
            await browser.get("/import/words")
            return await _after(browser, "/import/words", text="赌博\n———\n，，", account="", sure="yes")

    assert "Imported: 1 added, 0 changed, 0 removed; 2 wrong rows were left out." in browse(go)


def test_one_message_is_cancelled(admin, browse):
    async def go(site):
        await furnish(admin)
        async with site.browser() as browser:
            await browser.come_in("operations")
            (number,) = [row["id"] for row in await admin.read(lambda tx: tx.rows_of("message"))]
            assert f"/messages/{number}/cancel" in (await browser.get(f"/messages/{number}"))[2]
            return number, await _after(browser, f"/messages/{number}/cancel")

    number, text = browse(go)

    assert f"Message {number} is cancelled; 1 point came back." in text
    assert f"/messages/{number}/cancel" not in text


def test_all_that_an_account_has_waiting_is_paused_resumed_and_cancelled(admin, browse):
    async def go(site):
        await furnish(admin)
        async with site.browser() as browser:
            await browser.come_in("operations")
            return [await _after(browser, f"/accounts/acme/tasks/{order}") for order in ("pause", "resume", "cancel")]

    paused, resumed, cancelled = browse(go)

    assert "1 task of acme: 1 message is paused; 0 are leaving already." in paused
    assert "1 task of acme: 1 message goes on." in resumed
    assert "1 task of acme: 1 message is cancelled, and 1 point came back; 0 are leaving already." in cancelled


def test_the_usual_rule_of_an_alarm_holds_again(browse):
    async def go(site):
        async with site.browser() as browser:
            await browser.come_in("admin")
            assert "/alarms/rule/usual" not in (await browser.get("/alarms"))[2]
            rule = {"kind": "backlog_old", "subject": "", "threshold": "5", "duration_s": "0", "is_on": "yes", "has": "is_on"}
            changed = await _after(browser, "/alarms/rule", **rule)
            return changed, await _after(browser, "/alarms/rule/usual", kind="backlog_old", subject="")

    changed, usual = browse(go)

    assert "/alarms/rule/usual" in changed
    assert "The usual rule holds again for backlog old." in usual
    assert "/alarms/rule/usual" not in usual


def test_what_is_owed_again_can_be_a_job(admin, browse):
    async def go(site):
        await furnish(admin)
        async with site.browser() as browser:
            await browser.come_in("operations")
            form = {"account": "acme", "kind": "report", "hours": "2", "as_job": "yes"}
            return await _after(browser, "/pushes/replay", **form), await admin.read(lambda tx: tx.jobs(2**62, 10))

    text, (job,) = browse(go)

    assert "it owes acme again what it had." in text
    assert (job["kind"], job["asked"]["account"]) == ("replay", "acme")


def test_a_span_that_is_typed_counts_instead_of_the_hours(admin, browse):
    async def go(site):
        await furnish(admin)
        async with site.browser() as browser:
            await browser.come_in("operations")
            span = {"since_ms": "2026-11-29 10:00", "until_ms": "2026-11-29 11:30"}
            form = {"account": "acme", "kind": "report", "hours": "2", "as_job": "yes"}
            await _after(browser, "/pushes/replay", **form, **span)
            half, _, _ = await browser.post("/pushes/replay", **form, since_ms=span["since_ms"], until_ms="")
            wrong, _, text = await browser.post("/pushes/replay", **form, since_ms="yesterday", until_ms="")
            assert (half, wrong, "2026-11-29 10:00" in text) == (422, 422, True)
            return await admin.read(lambda tx: tx.jobs(2**62, 10))

    (job,) = browse(go)

    assert job["asked"]["until_ms"] - job["asked"]["since_ms"] == 90 * 60_000


@pytest.mark.filterwarnings("ignore:Sending a large body")
def test_a_list_of_more_than_a_megabyte_is_compared_by_a_job(admin, browse):
    """What does not fit into a page's form of a megabyte."""
    many = "\n".join(str(13_800_000_000 + number) for number in range(120_000))

    async def go(site):
        async with site.browser() as browser:
            await browser.come_in("admin")
            await browser.get("/import/blacklist")
            fields = {"csrf": browser.csrf, "account": "", "sure": "yes", "text": many}
            form = aiohttp.FormData(fields, default_to_multipart=True)
            status, headers, text = await browser.ask("POST", "/import/blacklist", form, ENGLISH)
            return status, text[:500], (await browser.get(headers.get("Location", "/"), **ENGLISH))[2]

    status, text, page = browse(go)

    assert status == 303, text
    assert "120,000 rows" in page


@pytest.mark.parametrize(("role", "text"), [("operations", "您好【测试】"), ("support", "(6 characters)")])
def test_a_task_shows_its_text_to_those_who_may_see_it(admin, browse, role, text):
    async def go(site):
        await furnish(admin)
        async with site.browser() as browser:
            await browser.come_in(role)
            (number,) = [row["id"] for row in await admin.read(lambda tx: tx.rows_of("task"))]
            return (await browser.get(f"/tasks/{number}", **ENGLISH))[2]

    page = browse(go)

    assert f"<dd>{text}</dd>" in page
