"""Listeners, customers' sessions and the protocol secret, as pages show and change them."""

import re
from types import SimpleNamespace

import pytest

from hongyan.model.account import AccountChange
from hongyan.model.customer_session import SessionLogin
from hongyan.model.listener import ListenerChange
from hongyan.model.session_settings import SessionProtocol
from hongyan.model.staff import Role
from hongyan.model.translatable import Translatable
from hongyan.services.admin import accounts, listeners
from hongyan.services.admin.accounts import NewAccount
from hongyan.services.queries.trace_events import TraceEvent
from hongyan.web.screens.messages import steps
from hongyan.web.words import seconds

SESSION = 7251893046517760


async def furnish(admin) -> None:
    """A listener, and a customer who is connected there."""
    change = AccountChange(protocols=[SessionProtocol.SMPP])
    account_id = await admin.change(accounts.add_account, NewAccount("acme", 7, "a long API secret", change), admin.sealer)
    listener_id = await admin.change(listeners.add_listener, "smpp", SessionProtocol.SMPP, ListenerChange(port=2775))
    login = SessionLogin(SessionProtocol.SMPP, "3.4", "203.0.113.9", listener_id, "node:1", receives=True)
    await admin.change(lambda tx, act: tx.add_session(SESSION, account_id, login, act.now_ms))


def test_a_listener_is_added_changed_stopped_and_removed(browse):
    async def go(site):
        async with site.browser() as browser:
            await browser.come_in(Role.OPERATIONS)
            assert re.search(
                'name="port" type="number" value=""', (await browser.get("/listeners/new"))[2]
            )  # it has no usual one
            made = await browser.post("/listeners/new", name="up", protocol="cmpp", port="7890", ip_list="203.0.113.0/24")
            assert made[1]["Location"] == "/listeners/up"
            assert "203.0.113.0/24" in (await browser.get("/listeners/up"))[2]

            status, _, text = await browser.post("/listeners/up/settings", port="0")
            assert status == 422
            assert "invalid-feedback" in text
            await browser.post("/listeners/up/settings", port="7891", connections_most="5")
            await browser.post("/listeners/up/stop")
            row = await site.admin.read(listeners.listener, site.admin.now_ms(), "up")
            assert (row["port"], row["connections_most"], row["state"]) == (7891, 5, "stopped")

            await browser.post("/listeners/up/start")
            await browser.post("/listeners/up/drop")
            assert (await browser.get("/listeners/up"))[0] == 404

    browse(go)


def test_a_listener_and_its_account_show_who_is_connected(browse):
    async def go(site):
        await furnish(site.admin)
        async with site.browser() as browser:
            await browser.come_in(Role.READ_ONLY)
            for place in ("/sessions", "/accounts/acme?tab=protocols"):
                text = (await browser.get(place))[2]
                assert f'href="/sessions/{SESSION}"' in text, place
            text = (await browser.get("/listeners"))[2]
            assert re.search(r'<td class="number">\s*1\s*</td>', text)
            assert "[]" not in text
            assert "2,775" not in (await browser.get("/listeners/smpp"))[2]
            text = (await browser.get(f"/sessions/{SESSION}"))[2]
            assert "203.0.113.9" in text
            assert "/kick" not in text

    browse(go)


def test_a_session_is_closed_by_hand_and_is_listed_when_asked_for(browse):
    async def go(site):
        await furnish(site.admin)
        async with site.browser() as browser:
            await browser.come_in(Role.OPERATIONS)
            await browser.get(f"/sessions/{SESSION}")
            assert (await browser.post(f"/sessions/{SESSION}/kick"))[0] == 303
            await browser.get(f"/sessions/{SESSION}")  # where the notice names it
            kicked = await site.admin.read(lambda tx: tx.session_row(SESSION))
            assert kicked["is_kicked"]

            await site.admin.change(lambda tx, act: tx.close_session(SESSION, "kicked", act.now_ms))
            assert str(SESSION) not in (await browser.get("/sessions"))[2]
            ended = (await browser.get("/sessions?closed=yes"))[2]
            assert str(SESSION) in ended
            assert "state-idle" in ended
            assert "state-bad" not in ended
            assert (await browser.post(f"/sessions/{SESSION}/kick"))[0] == 409

    browse(go)


def test_the_pdus_of_a_session_are_asked_of_the_process_that_has_it(browse):
    async def go(site):
        await furnish(site.admin)
        pdu = {"at_ms": 1_780_000_000_000, "connection": 1, "way": "in", "pdu": "submit_sm", "sequence": 9}
        site.server.sessions[SESSION] = [pdu]
        async with site.browser() as browser:
            await browser.come_in(Role.READ_ONLY)
            assert "submit_sm" not in (await browser.get(f"/sessions/{SESSION}"))[2]
            assert "submit_sm sequence=9" in (await browser.get(f"/sessions/{SESSION}?pdus=yes"))[2]

    browse(go)


def test_a_port_that_cannot_be_had_is_said(browse):
    async def go(site):
        await furnish(site.admin)
        facts = {"host": "0.0.0.0", "port": 2775, "reason": "the port is in use"}
        site.server.ports["smpp"] = {
            "is_open": False,
            "trouble": Translatable("cannot listen on {host}:{port}: {reason}", **facts),
        }
        said = {"en": "cannot listen on 0.0.0.0:2775: the port is in use", "zh": "无法监听 0.0.0.0:2775：端口已被占用"}
        async with site.browser() as browser:
            await browser.come_in(Role.READ_ONLY)
            for place in ("/listeners", "/listeners/smpp"):
                for language, words in said.items():
                    assert words in (await browser.get(place, **{"Accept-Language": language}))[2], (place, language)

    browse(go)


def test_a_protocol_secret_is_shown_once_and_taken_away(browse):
    async def go(site):
        await furnish(site.admin)
        async with site.browser() as browser:
            await browser.come_in(Role.ADMIN)
            await browser.get("/accounts/acme?tab=protocols")
            text = (await browser.post("/accounts/acme/protocol-secret", secret=""))[2]
            secret = re.search(r'id="secret">([^<]+)<', text)[1]
            account = (await site.admin.snapshot()).accounts["acme"]
            assert account.protocol_secret.plain == secret
            assert "2775" in text

            assert (await browser.post("/accounts/acme/protocol-secret", secret="longer than eight"))[0] == 422
            await browser.post("/accounts/acme/protocol-secret/drop")
            assert not (await site.admin.snapshot()).accounts["acme"].protocol_secret

    browse(go)


def test_a_trace_says_by_which_session_and_sequence_a_text_came_and_leads_there():
    facts = {"session": SESSION, "sequence": 9, "took_ms": 3}
    traced = SimpleNamespace(events=[TraceEvent("pdu", 1_780_000_000_000, facts)])

    (step,) = steps(traced)

    assert step.facts == [("Session", str(SESSION), f"/sessions/{SESSION}"), ("Sequence", "9", ""), ("Took", "3 ms", "")]


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.12, "0.12 s"), (300, "5 min"), (200, "3 min 20 s"), (3_600, "1 h"), (86_400, "1 d"), (183_700, "2 d 3 h")],
)
def test_a_length_of_time_has_no_unit_of_which_there_is_none(value, said):
    assert seconds(value) == said
