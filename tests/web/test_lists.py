"""Every list is described once: no face has columns of its own, and page, admin API, command line and exports show the same."""

import ast
import csv
import html
import io
import re
from functools import partial
from pathlib import Path

import orjson
import pytest
import uvloop
from tests.web.conftest import Site
from tests.web.test_api import calling

from hongyan import cli, services, web
from hongyan.cli.lists import ListOptions, print_list
from hongyan.cli.out import Form
from hongyan.i18n import COLUMNS, china_time, using_language
from hongyan.model.black_list import ListedNumber
from hongyan.model.channel import Channel
from hongyan.model.columns import MOMENTS
from hongyan.model.listener import ListenerChange
from hongyan.model.number_list import FOREVER_S
from hongyan.model.protocol import PROTOCOL_NAMES, Protocol
from hongyan.model.session_settings import SessionProtocol
from hongyan.model.template import TemplateChange
from hongyan.services.admin import rules, templates
from hongyan.services.admin.channels import add_channel
from hongyan.services.admin.listeners import add_listener
from hongyan.services.queries.lists import channels, customers, delivery, messages, money, people, running, tasks
from hongyan.services.queries.lists import rules as of_rules
from hongyan.services.queries.lists.table import LISTS
from hongyan.web.api.table import CALLS
from hongyan.web.words import head

TEMPLATES = Path(web.__file__).parent / "templates"
ENGLISH = {"Accept-Language": "en"}
COMMANDS = sorted(Path(cli.__file__).parent.glob("*.py"))
ROOMS = (channels, customers, delivery, messages, money, people, of_rules, running, tasks)

OWN_TABLES = {
    "sessions.html": "sessions of people, which no program lists",
    "screens/statistics.html": "its columns follow what one groups by",
    "screens/overview.html": "what fires, in short, beside other figures",
    "screens/style.html": "a sample of the part itself",
    "parts/parts.html": "the part itself",
    "parts/channels.html": "what a server knows of its links at this moment stands beside the list",
    "account/products.html": "routes of one account, in short, beside its prices",
    "screens/import.html": "rows of a file that are wrong",
    "screens/file_import.html": "rows of a file, by what becomes of them",
    "screens/messages.html": "traces that a search found",
    "parts/route_test.html": "candidates of a test",
    "screens/system.html": "conditions of the process",
}
"""Templates that show a table which is no list."""

OWN_ROWS = {
    "out.py": "the printing itself",
    "lists.py": "prints lists by their descriptions",
    "stats.py": "its columns follow what one groups by",
    "config.py": "settings of a file",
    "tms.py": "parts of octets",
    "zipbatch.py": "parts of octets",
    "reply.py": "parts of octets",
    "owed.py": "what a customer's program would get",
    "word.py": "what was found in a text",
    "template.py": "what a text may have been made from",
    "table_imports.py": "rows of a file",
    "ledger.py": "differences, where there are any",
}
"""Commands that print rows which are no list."""


def test_no_template_names_columns():
    found = {
        path.relative_to(TEMPLATES).as_posix()
        for path in TEMPLATES.rglob("*.html")
        if re.search(r"\btable\(|<table\b", path.read_text(encoding="utf-8"))
    }

    assert found - OWN_TABLES.keys() == set()


def test_no_command_prints_rows_of_a_list_by_itself():
    assert {path.name for path in COMMANDS if "print_rows(" in path.read_text(encoding="utf-8")} == OWN_ROWS.keys()


def names_in(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name):
            yield node.id


def constant(listing):
    return next(name for room in ROOMS for name, value in vars(room).items() if value is listing)


def test_every_list_has_a_call_and_a_command():
    answered = [one for call in CALLS if isinstance(call.answer, partial) for one in call.answer.args]
    printed = {name for path in COMMANDS for name in names_in(path)}

    assert [one.thing for one in LISTS if one not in answered] == []
    assert [one.thing for one in LISTS if constant(one) not in printed] == []


def test_whatever_a_list_shows_has_a_name_in_both_languages():
    known = set(COLUMNS.split())

    assert {name for one in LISTS for name in (*one.names, *one.table)} - known == set()


def test_whatever_the_audit_keeps_has_a_name_in_both_languages():
    """Of what services write down themselves; the fields of changes have theirs by their forms."""
    kept = {
        str(key.value)
        for path in Path(services.__file__).parent.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "audit"
        for facts in ast.walk(call)
        if isinstance(facts, ast.Dict)
        for key in facts.keys
        if isinstance(key, ast.Constant)
    }

    assert {"has_one", "stage"} <= kept
    assert kept - set(COLUMNS.split()) == set()


FILLED = (
    (customers.ACCOUNTS, "/accounts", "/accounts"),
    (money.BALANCES, "/money", "/balances"),
    (channels.ROUTES, "/routes", "/routes"),
    (of_rules.WORDS, "/words", "/words"),
    (of_rules.BLACK_LIST, "/blacklist", "/blacklist"),
    (of_rules.TEMPLATES, "/templates", "/templates"),
    (people.TOKENS, "/tokens", "/tokens"),
)
"""Lists that the test has filled: page and call."""


def test_all_faces_show_the_same(admin, capsys):
    async def go():
        async with calling(admin) as api:
            await admin.change(rules.add_words, ["=casino"], "acme")
            await admin.change(rules.add_listed, [ListedNumber(phone=8613800138000, end_s=FOREVER_S, note="asked")], "")
            await admin.change(templates.add_template, "acme", TemplateChange(text="code {1}"))
            site = Site(admin)
            await site.start()
            try:
                async with site.browser() as browser:
                    await browser.come_in("admin")
                    return [await faces(api, browser, *paths) for _, *paths in FILLED]
            finally:
                await site.stop()

    for (listing, *_), (page, table, items, lines) in zip(FILLED, uvloop.run(go()), strict=True):
        printed = printed_by_command(admin, listing, capsys)
        assert page == [head(name) for name in listing.table]
        assert items == printed["items"]
        assert [list(row) for row in items] == [listing.names] * len(items)
        assert items
        assert table == [[head(name) for name in listing.names], *for_people(listing, printed["cells"])]
        assert lines == [listing.names, *printed["cells"]]
        assert [moments(listing, row) for row in items] == [moments(listing, row) for row in printed["cells"]]


def for_people(listing, lines):
    """Files of pages have China's time where files for programs have the milliseconds of JSON."""
    return [
        [china_time(int(cell)) if name in MOMENTS and cell else cell for name, cell in zip(listing.names, line, strict=True)]
        for line in lines
    ]


def moments(listing, row):
    values = row.values() if isinstance(row, dict) else row
    return ["" if value is None else str(value) for name, value in zip(listing.names, values, strict=True) if name in MOMENTS]


async def faces(api, browser, page, call):
    """The heads of the page's table, the page as CSV, what the API answers, and that as CSV."""
    _, _, text = await browser.get(page, **ENGLISH)
    _, _, exported = await browser.get(f"{page}?form=csv", **ENGLISH)
    _, answer = await api.ask("GET", f"{call}?most=1000")
    async with api.session.get(f"{api.url}{call}?form=csv", headers=api.authorization()) as file:
        lines = await file.text("utf-8-sig")
    heads = [html.unescape(one) for one in re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', text)]
    return heads, rows_of(exported.removeprefix("\ufeff")), answer["items"], rows_of(lines)


def rows_of(text):
    return list(csv.reader(io.StringIO(text)))


def printed_by_command(admin, listing, capsys):
    """What the command line prints as JSON and as CSV."""
    store = Waiting(admin)
    capsys.readouterr()
    print_list(store, listing, {}, ListOptions(Form.JSON, is_full=True))
    items = orjson.loads(capsys.readouterr().out)[listing.name]
    print_list(store, listing, {}, ListOptions(csv=True, is_full=True))
    return {"items": items, "cells": rows_of(capsys.readouterr().out)[1:]}


class Waiting:
    """The store as commands use it."""

    def __init__(self, admin):
        self.admin = admin

    def now_ms(self):
        return self.admin.now_ms()

    def read(self, *args):
        return self.run(self.admin.read(*args))

    def run(self, task):
        return uvloop.run(task)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("ip_list", "IP list"), ("connections_most", "Most connections"), ("task_id", "Task ID"), ("created_at", "Created")],
)
def test_a_heading_is_written_as_an_english_reader_writes_it(name, shown):
    assert head(name) == shown


@pytest.mark.parametrize("listing", LISTS, ids=lambda one: one.name)
def test_its_filters_have_heads_in_both_languages(listing):
    names = {one.name for one in listing.filters}

    assert names <= set(COLUMNS.split())


@pytest.mark.parametrize(
    ("name", "english"),
    [
        ("validity_s", "Validity (s)"), ("resend_cost_e4", "Resend cost (0.0001 CNY)"), ("rate_percent", "Rate (%)"),
        ("made_ms", "Made"), ("window_in", "Window in"), ("connections_most", "Most connections"), ("ip_list", "IP list"),
    ],
)  # fmt: skip
def test_a_head_is_written_as_people_write_it(name, english):
    with using_language("en"):
        assert head(name) == english


def test_protocols_have_their_proper_names_on_pages_and_their_words_elsewhere(admin, capsys):
    assert {*map(str, Protocol), *map(str, SessionProtocol)} - PROTOCOL_NAMES.keys() == {"loopback"}

    async def go():
        site = Site(admin)
        await site.start()
        await admin.change(add_channel, Channel(0, "up1", Protocol.CMPP3, "127.0.0.1", 7890, user="u"), admin.sealer)
        await admin.change(add_listener, "in", SessionProtocol.CMPP, ListenerChange(port=7890))
        try:
            async with site.browser() as browser:
                await browser.come_in("admin")
                paths = ("/channels", "/channels/new", "/channels/up1", "/listeners", "/listeners/new")
                return [(await browser.get(path, **{"Accept-Language": one}))[2] for path in paths for one in ("en", "zh")]
        finally:
            await site.stop()

    for text in uvloop.run(go()):
        assert "CMPP" in text
        assert ">cmpp" not in text.lower().replace(">cmpp 3.0", "").replace(">cmpp 2.0", "")
    print_list(Waiting(admin), channels.CHANNELS, {}, ListOptions())
    assert "cmpp3" in capsys.readouterr().out
