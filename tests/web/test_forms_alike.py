"""A form is described once, by its class of changes: page, command line and admin API take its fields."""

import json
import re
import typing
from dataclasses import dataclass
from html import unescape

import pytest
import typer.core
from typer.main import get_command

from hongyan.cli.app import app
from hongyan.model.account import AccountChange, AccountOpening
from hongyan.model.account_secrets import SecretOverlap
from hongyan.model.alarm import AlarmRuleChange
from hongyan.model.channel import Channel, ChannelChange, ChannelOpening
from hongyan.model.channel_options import ChannelOptions
from hongyan.model.customer import CustomerOpening
from hongyan.model.fields import Change, fields_for, fields_of
from hongyan.model.job import MessageExport
from hongyan.model.listener import ListenerOpening
from hongyan.model.money import BalanceCorrection, CreditChange, OpeningMoney, PriceChange, TopUp
from hongyan.model.protocol import Protocol, products_of
from hongyan.model.replay import Replay
from hongyan.model.route import RouteChange
from hongyan.model.signature import SignatureChange
from hongyan.model.staff import Role, StaffChange
from hongyan.model.template import TemplateChange
from hongyan.model.token import TokenChange
from hongyan.services.admin import accounts, channels
from hongyan.services.admin.accounts import NewAccount
from hongyan.web.api.table import CALLS


@dataclass(frozen=True)
class Faces:
    """One form at its three faces.

    page:    where it stands, and where it posts to
    otherwise: fields that a page or the command line says in another way, and why
    """

    change: type[Change]
    call: str
    command: str
    page: tuple[str, str]
    otherwise: frozenset[str] = frozenset()


MONEY, PRICES = "/accounts/acme?tab=money", "/accounts/acme?tab=products"
FACES = [
    Faces(TokenChange, "POST /tokens", "token add", ("/tokens", "/tokens")),
    Faces(TopUp, "POST /accounts/{name}/topup", "account topup", (MONEY, "/accounts/acme/topup")),
    # the command line has --add and --take, so that nobody types a minus by chance
    Faces(
        BalanceCorrection,
        "POST /accounts/{name}/adjust",
        "account adjust",
        (MONEY, "/accounts/acme/adjust"),
        frozenset({"points"}),
    ),
    Faces(PriceChange, "POST /accounts/{name}/price", "account price", (PRICES, "/accounts/acme/price")),
    Faces(
        SecretOverlap, "POST /accounts/{name}/secret", "account secret", ("/accounts/acme?tab=access", "/accounts/acme/secret")
    ),
    # the command line says the span in words of its own
    Faces(Replay, "POST /accounts/{name}/replay", "callback replay", ("/pushes?account=acme", "/pushes/replay")),
    Faces(MessageExport, "POST /jobs/exports/messages", "job export", ("/jobs", "/jobs")),
    Faces(RouteChange, "POST /routes", "route add", ("/routes", "/routes")),
    Faces(RouteChange, "PATCH /routes/{number}", "route set", ("/routes/1/settings", "")),
    Faces(TemplateChange, "POST /templates", "template add", ("/templates", "/templates")),
    # signatures that are entered in the console are decided there
    Faces(SignatureChange, "POST /signatures", "sign add", ("/signatures", "/signatures"), frozenset({"is_approved"})),
    # stopping has acts of its own
    Faces(StaffChange, "POST /staff", "staff add", ("/staff", "/staff"), frozenset({"is_stopped"})),
    Faces(AccountChange, "PATCH /accounts/{name}", "account set", ("/accounts/acme/settings", ""), frozenset({"is_stopped"})),
]
"""Of channels, listeners and alarm rules the forms are made by the same functions; `ChannelChange` has options besides."""


def _called(name: str):
    method, _, path = name.partition(" ")
    (call,) = (one for one in CALLS if (one.method, one.path) == (method, path))
    return call


@pytest.mark.parametrize("form", FACES, ids=lambda form: form.change.__name__)
def test_the_call_takes_its_fields(form):
    assert _called(form.call).of is form.change


@pytest.mark.parametrize("form", FACES, ids=lambda form: form.change.__name__)
def test_the_command_takes_its_fields(form):
    assert _names(form) - _options(form.command) == set()


def _options(command: str) -> set[str | None]:
    noun, verb = command.split()
    nouns = typing.cast("typer.core.TyperGroup", get_command(app)).commands
    return {one.name for one in typing.cast("typer.core.TyperGroup", nouns[noun]).commands[verb].params}


def test_the_page_shows_its_fields(browse):
    async def go(site):
        await site.admin.change(accounts.add_account, NewAccount("acme", 7, "abc123"), site.admin.sealer)
        await site.admin.change(channels.add_channel, Channel(0, "up1", Protocol.LOOPBACK), site.admin.sealer)
        await site.admin.change(channels.add_route, "up1", None, None, 0, 1)
        async with site.browser() as browser:
            await browser.come_in(Role.ADMIN.value)
            texts = {form.call: (await browser.get(form.page[0]))[2] for form in FACES}
        missing = {form.call: _names(form) - _inputs(texts[form.call], form.page[1]) for form in FACES}

        assert {name: names for name, names in missing.items() if names} == {}

    browse(go)


OPENING = {field.name for field in fields_of(AccountOpening)}
FIRST_MONEY = {field.name for field in fields_of(OpeningMoney)}


def test_a_new_account_is_described_once(browse):
    """Its name, its customer and its first money. By the admin API money has calls of its own."""
    body = {one.name for one in _called("POST /accounts").body}
    assert body & (OPENING | FIRST_MONEY) == OPENING
    assert (OPENING | FIRST_MONEY) - _options("account add") == set()

    async def go(site):
        async with site.browser() as browser:
            await browser.come_in(Role.ADMIN.value)
            at_once = (await browser.get("/accounts/new"))[2]
            first = (await browser.get("/customers/open"))[2]
            second = (await browser.post("/customers/open", name="acme", customer_id="7"))[2]
            assert (OPENING | FIRST_MONEY) - _inputs(at_once, "") == set()
            assert OPENING - _inputs(first, "/customers/open") == set()
            assert FIRST_MONEY - _inputs(second, "/customers/open") == set()

    browse(go)


def test_what_is_set_once_of_customers_and_listeners_is_described_once(browse):
    """The number of a customer is `id` by the admin API."""
    of_listener = {field.name for field in fields_of(ListenerOpening)}
    (number,) = fields_of(CustomerOpening)
    assert of_listener - {one.name for one in _called("POST /listeners").body} == set()
    assert number.help in {one.help for one in _called("POST /customers").body}
    assert of_listener - _options("listener add") == set()

    async def go(site):
        async with site.browser() as browser:
            await browser.come_in(Role.ADMIN.value)
            assert of_listener - _inputs((await browser.get("/listeners/new"))[2], "") == set()
            assert number.name in _inputs((await browser.get("/customers/new"))[2], "")

    browse(go)


def test_a_new_channel_is_described_once_for_each_protocol(browse):
    """The protocol stands in the path of the page. The command line reads the secret from elsewhere; states have acts."""
    of_channel = {field.name for field in fields_of(ChannelOpening)}
    assert of_channel == {one.name for one in _called("POST /channels").body}
    assert of_channel - _options("channel add") == {"secret"}
    assert {field.name for field in fields_of(ChannelOptions)} <= _options("channel add") & _options("channel set")

    async def go(site):
        async with site.browser() as browser:
            await browser.come_in(Role.ADMIN.value)
            for protocol in Protocol:
                page = (await browser.get(f"/channels/new/{protocol}"))[2]
                changes = (ChannelOpening, ChannelOptions, ChannelChange)
                its = {field.name for change in changes for field in fields_for(change, protocol)}
                assert _inputs(page, "") - {"csrf", "has"} == its - {"protocol", "state"}
                assert _choices(page, "product") == [product.name.lower() for product in products_of(protocol)]

    browse(go)


def test_the_settings_of_a_channel_are_those_of_its_protocol(browse):
    channel = {"up": Channel(0, "up", Protocol.SMPP, "192.0.2.7", 2775), "trial": Channel(0, "trial", Protocol.LOOPBACK)}

    async def go(site):
        async with site.browser() as browser:
            await browser.come_in(Role.ADMIN.value)
            for name, added in channel.items():
                await site.admin.change(channels.add_channel, added, site.admin.sealer)
                page = (await browser.get(f"/channels/{name}/settings"))[2]
                changes = (ChannelOptions, ChannelChange)
                its = {field.name for change in changes for field in fields_for(change, added.protocol)}
                assert _inputs(page, "") - {"csrf", "has"} == its - {"state"}
                page = (await browser.get(f"/channels/{name}", **{"Accept-Language": "en"}))[2]
                assert ("Heartbeat" in page) == (added.protocol is Protocol.SMPP)

    browse(go)


def test_options_that_a_protocol_asks_for_by_name_are_kept_among_the_others(browse):
    """An SGIP channel is added by its page, and changed: a box that is emptied is an option no more, and others stay."""
    address = {"host": "192.0.2.8", "port": "8801", "user": "u", "secret": "s", "product": "sms"}

    async def go(site):
        async def options():
            return json.loads((await site.admin.read(channels.find_channel, "bj"))["options"])

        async with site.browser() as browser:
            await browser.come_in(Role.ADMIN.value)
            asked = {"name": "bj", "node": "3010012345", "listen_port": "8802", "allow_ip": "192.0.2.8\n192.0.2.9"}
            await browser.get("/channels/new/sgip")
            await browser.post("/channels/new/sgip", **address, **asked, options="corp_id=12345")
            allowed = {"allow_ip": "192.0.2.8,192.0.2.9"}
            assert await options() == {"corp_id": "12345", "node": "3010012345", "listen_port": "8802"} | allowed

            page = unescape((await browser.get("/channels/bj/settings"))[2])
            assert re.findall(r'name="node"[^>]*value="(\d+)"', page) == ["3010012345"]
            assert re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL) == ["192.0.2.8\n192.0.2.9", "corp_id=12345"]
            await browser.post("/channels/bj/settings", node="3010012346", listen_port="", allow_ip="", options="corp_id=12345")
            assert await options() == {"corp_id": "12345", "node": "3010012346"}
            assert (await browser.post("/channels/bj/settings", node="", options=""))[0] == 422

    browse(go)


def test_a_wrong_value_of_a_new_account_is_said_at_its_step(browse):
    async def go(site):
        async with site.browser() as browser:
            await browser.come_in(Role.ADMIN.value)
            await browser.get("/customers/open")
            asked = {"name": "acme", "customer_id": "7", "step": "3"}
            for field, value, step in (
                ("customer_id", "x", 0),
                ("credit", "-1", 1),
                ("price", "1000001", 1),
                ("extno", "y", 2),
            ):
                form = {"csrf": browser.csrf} | asked | {field: value}
                _, _, text = await browser.ask("POST", "/customers/open", form, {"Accept-Language": "en"})
                assert f'name="step" value="{step}"' in text, field
                assert f"{field} cannot be {value}; " in unescape(text)  # behind it stands what to do

    browse(go)


def _names(form: Faces) -> set[str]:
    return {field.name for field in fields_of(form.change)} - form.otherwise


def _inputs(page: str, action: str) -> set[str]:
    """What the forms ask for that post to this path; "": to where they stand."""
    forms = re.findall(r"<form([^>]*)>(.*?)</form>", unescape(page), re.DOTALL)
    there = [inside for head, inside in forms if f'action="{action}"' in head or (not action and "action" not in head)]
    return {name for inside in there for name in re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', inside)}


def _choices(page: str, name: str) -> list[str]:
    """The words that a box with a choice offers."""
    (box,) = re.findall(rf'<select[^>]* name="{name}".*?</select>', unescape(page), re.DOTALL)
    return re.findall(r'<option value="(\w*)"', box)


def test_what_is_described_for_one_face_is_asked_for_by_a_call():
    """Credit has no command of its own: `account set --credit`."""
    described = {call.of for call in CALLS if call.of}

    assert {CreditChange, ChannelChange, AlarmRuleChange} <= described
