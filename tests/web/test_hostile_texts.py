"""Script in every text that customers, carriers or colleagues can write, and every page that shows it: it is shown as text."""

import html
import re
from itertools import product

import aiohttp
from starlette.routing import Match
from tests.web.test_access import method_of, pages_of
from tests.web.test_imports import run_jobs
from tests.web.test_roles import PLACES, furnish

from hongyan.formats.columns import read_lines
from hongyan.model.ids import first_id
from hongyan.model.listener import ListenerChange
from hongyan.model.message import MessageState, ReceiptState
from hongyan.model.session_settings import SessionProtocol
from hongyan.model.staff import Role, Stage
from hongyan.services.admin import listeners
from hongyan.services.admin.file_imports import ask_to_compare
from hongyan.services.admin.import_tables.table import IMPORT_TABLES
from hongyan.services.admin.importing import FileImport, FileRow

PHONE = 8613800138000
REPLY, SESSION, CLOSED, POST = (first_id(1_780_000_000_000) + n for n in range(4))


def script(place: str) -> str:
    """A text that says where it stood: in which column of the store, or in which cell of a file."""
    return f"<script>{place}</script>"


SEEN = re.compile(html.escape(script("PLACE")).replace("PLACE", r"([a-z_.]+)"))
RAW = re.compile(script("PLACE").replace("PLACE", "([a-z_.]+)"))

TEXTS = """
customer.name channel.host channel.user channel_lease.trouble site.brand
task.text task.address message.code segment.carrier_id carrier_ref.code carrier_ref.carrier_id
mo.text mo.dest mo.extno attempt.url attempt.answer customer_session.address customer_session.why unknown_code.code
code_rule.english code_rule.chinese word.text listed.note signature.name signature.note template.text staff.title session.agent
token.maker approval.reason entry_note.note entry_note.actor audit.actor audit.subject audit.after job.actor
alarm.subject hourly_code.code
""".split()  # noqa: SIM905  a table
"""Columns that people and carriers fill as they like, and pages show."""


async def fill(admin) -> list[str]:
    """A row in each table with such texts. Returns the addresses of what has a number."""
    now_ms = admin.now_ms()
    (message, *_), (task, *_), (person, *_), (session, *_) = [
        await admin.read(lambda tx, name=name: tx.rows_of(name)) for name in ("message", "task", "staff", "session")
    ]
    message_id, account_id, channel_id = message["id"], message["account_id"], message["channel_id"]
    of = {"account_id": account_id, "channel_id": channel_id}
    met = {"channel_id": channel_id, "phone": PHONE, "done_ms": now_ms, "received_ms": now_ms, "made_ms": now_ms}
    rows = {
        "segment": {
            "channel_id": channel_id, "message_id": message_id, "part": 1, "attempt": 1, "result": 1, "code": "",
            "submitted_ms": now_ms, "answered_ms": now_ms,
        },
        "carrier_ref": met | {"n": 0, "receipt": ReceiptState.FAILED},
        "mo": of | {"id": REPLY, "phone": PHONE, "task_id": task["id"], "carrier_id": "", "is_whole": True, "received_ms": now_ms},
        "attempt": {"id": POST, "account_id": account_id, "kind": 1, "items": 1, "outcome": 2, "status": 200, "took_ms": 5},
        "owed": {
            "id": message_id, "account_id": account_id, "kind": 1, "task_id": task["id"], "state": 3, "at_ms": now_ms, "attempts": 3,
            "attempt_id": POST,
        },
        "customer_session": {
            "id": SESSION, "account_id": account_id, "protocol": "smpp", "version": "3.4", "listener_id": 1, "owner": "1", "receives": True,
            "opened_ms": now_ms, "seen_ms": now_ms, "closed_ms": now_ms,
        },
        "unknown_code": {"channel_id": channel_id, "seen": 1, "first_ms": now_ms, "last_ms": now_ms},
        "code_rule": {"id": 1, "channel_id": 0, "code": "ZZ:0001", "kind": "network", "points": "", "resend": -1},
        "listed": {"account_id": 0, "phone": PHONE, "end_s": 2**31 - 1, "made_ms": now_ms, "change": 99},
        "word": {"account_id": account_id, "plain": "x", "made_ms": now_ms},
        "signature": {"id": 1, "account_id": account_id, "state": "pending", "made_ms": now_ms, "decided_ms": 0},
        "template": {"id": 1, "account_id": account_id, "number": "1", "made_ms": now_ms},
        "token": {"id": 1, "name": "t", "role": "admin", "digest": b"", "made_ms": now_ms, "ends_ms": 2 * now_ms},
        "approval": {
            "id": 1, "kind": "topup", "subject": "acme", "facts": "{}", "state": "rejected",
            "maker": "x", "decider": "y", "made_ms": now_ms,
        },
        "entry_note": {"kind": 1, "subject": 5, "account_id": account_id, "product": 1, "points": 1, "made_ms": now_ms},
        "audit": {"id": 10**18, "action": "x", "before": "{}", "at_ms": now_ms},
        "job": {"id": 99, "kind": "message_export", "asked": "{}", "state": 11, "made_ms": now_ms},
        "alarm": {"kind": "channel_down", "state": 2, "value": 1, "since_ms": now_ms, "changed_ms": now_ms, "notified": 0, "sending_ms": 0},
        "hourly_code": of | {"hour": now_ms // 3_600_000, "state": MessageState.FAILED, "messages": 1},
        "site": {"host": "sms.example", "dialect": "hx", "language": "en"},
        "channel_lease": {"channel_id": channel_id, "owner": "1", "epoch": 1, "expires_ms": 2 * now_ms, "since_ms": now_ms},
    }  # fmt: skip
    keyed = {
        "customer": 7,
        "task": task["id"],
        "message": message_id,
        "channel": channel_id,
        "staff": person["id"],
        "session": session["id"],
    }
    written = {}
    for place in TEXTS:
        table, _, column = place.partition(".")
        written.setdefault(table, {})[column] = script(place)
    written["audit"]["after"] = '{"x": "' + script("audit.after") + '"}'

    def write(tx) -> None:
        for table, texts in written.items():
            if table in keyed:
                tx.change_row(table, keyed[table], **texts)
            else:
                tx.add_row(table, **rows[table] | texts)
        tx.add_row("owed", **rows["owed"])
        tx.change_row("channel", channel_id, protocol="smpp")

    await admin.change(listeners.add_listener, "smpp", SessionProtocol.SMPP, ListenerChange(port=2775))
    await admin.change(lambda tx, _act: write(tx))
    return [
        f"/messages/{message_id}", f"/messages?what={message_id}", f"/tasks/{task['id']}", f"/tasks/{task['id']}/progress",
        f"/sessions/{SESSION}", "/channels/new/smpp", "/jobs/99/result", "/listeners/smpp", "/listeners/smpp/settings",
    ]  # fmt: skip


async def compared(admin) -> list[str]:
    """Files of each table, compared by jobs. Returns the addresses of what came of it."""
    found = []
    for name, file in FILES.items():
        rows = [FileRow(line.number, line.cells) for line in read_lines(file)]
        found.append(f"/import/{name}/{await ask_to_compare(admin, IMPORT_TABLES[name], FileImport(rows))}")
    await run_jobs(admin)
    return found + [f"{path}/rows?of=wrong&form=csv" for path in found]


def _is_missed(page, places) -> bool:
    """Whether a page for who is in stands at none of these addresses."""
    if method_of(page) != "GET" or page.needs in {None, Stage.CODE, Stage.ENROL}:
        return False
    at = [
        {"type": "http", "method": "GET", "path": place.partition("?")[0], "root_path": "", "headers": []} for place in places
    ]
    return not any(page.matches(one)[0] is Match.FULL for one in at)


def test_no_text_of_others_is_more_than_a_text(browse):
    async def go(site):
        await furnish(site.admin)
        shown, raw = set(), {}
        async with site.browser() as browser:
            await browser.come_in(Role.ADMIN.value)
            places = [*PLACES, *await fill(site.admin), "/sessions?closed=yes", "/statistics?by=code", "/codes?code=", "/staff"]
            places += await compared(site.admin)
            places += [page.path for page in pages_of(site) if method_of(page) == "GET" and "{" not in page.path]
            assert [page.path for page in pages_of(site) if _is_missed(page, places)] == [], "pages that nobody looks at here"
            for place, language in product(dict.fromkeys(places), ("en", "zh")):
                status, headers, text = await browser.get(place, **{"Accept-Language": language})
                assert status < 500, place
                if "html" not in headers.get("Content-Type", ""):
                    assert headers["X-Content-Type-Options"] == "nosniff", place  # files, and ways to another page
                    continue
                shown |= set(SEEN.findall(text))
                if found := RAW.findall(text):
                    raw[place] = found
        assert raw == {}
        assert [one for one in TEXTS if one not in shown] == []

    browse(go)


FILES = {
    "words": f"word,account\n{script('word')},\n{script('word')},{script('account')}\n",
    "blacklist": f"number,note,until,account\n13800138000,{script('note')},,\n{script('number')},,{script('until')},\n",
    "signatures": f"account,name,state,note\nacme,<b>name</b>,pending,{script('note')}\n{script('account')},x,{script('state')},\n",
    "templates": f"account,number,text\nacme,1,{script('text')}\n{script('account')},{script('number')},x\n",
    "codes": f"code,class,english\n{script('code')},network,{script('english')}\nX,{script('class')},\n",
}


def test_no_cell_of_a_file_is_more_than_a_text_where_its_difference_is_shown(browse):
    async def go(site):
        await furnish(site.admin)
        async with site.browser() as browser:
            await browser.come_in(Role.ADMIN.value)
            for table, file in FILES.items():
                await browser.get(f"/import/{table}")
                form = aiohttp.FormData({"csrf": browser.csrf, "account": "", "rows": ""})
                form.add_field("file", file.encode(), filename=f"{script('file')}.csv", content_type="text/csv")
                status, _, text = await browser.ask("POST", f"/import/{table}", form)
                assert (status, RAW.findall(text)) == (200, []), table
                assert SEEN.findall(text), table

    browse(go)
