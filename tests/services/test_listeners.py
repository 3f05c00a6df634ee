"""Listeners for customers who connect as to a carrier, and what accounts may do there."""

import orjson
import pytest
from tests.scene import PREFIXES, SEALER

from hongyan.model.account import AccountChange
from hongyan.model.errors import Conflict, Invalid, NotFound
from hongyan.model.listener import Listener, ListenerChange
from hongyan.model.session_settings import MissingSession, SessionProtocol, SourceRule
from hongyan.services.admin import accounts, listeners
from hongyan.services.snapshot import load_snapshot

SMPP, CMPP = SessionProtocol.SMPP, SessionProtocol.CMPP


def act(scene, change, *args):
    return scene.within(lambda tx: change(tx, scene.act(), *args))


def snapshot(scene):
    return scene.within(lambda tx: load_snapshot(tx, SEALER, PREFIXES, 7))


def test_a_listener_is_what_was_said_and_otherwise_as_usual(scene):
    act(scene, listeners.add_listener, "in", SMPP, ListenerChange(port=2775))
    act(scene, listeners.change_listener, "in", ListenerChange(ip_list=["10.0.0.0/8"], connections_most=7))

    assert list(snapshot(scene).listeners.values()) == [
        Listener(1, "in", SMPP, port=2775, ip_list=("10.0.0.0/8",), connections_most=7)
    ]
    row = scene.rows("audit")[-1]
    assert (row["action"], row["subject"]) == ("listener.change", "in")
    assert orjson.loads(row["after"])["connections_most"] == 7


def test_two_listeners_share_neither_name_nor_port(scene):
    act(scene, listeners.add_listener, "in", SMPP, ListenerChange(port=2775))
    act(scene, listeners.add_listener, "v6", SMPP, ListenerChange(port=2775, address="::1"))

    for name, change in (("in", ListenerChange(port=1)), ("other", ListenerChange(port=2775))):
        with pytest.raises(Conflict):
            act(scene, listeners.add_listener, name, CMPP, change)
    with pytest.raises(Conflict):
        act(scene, listeners.change_listener, "v6", ListenerChange(address="0.0.0.0"))
    with pytest.raises(Invalid):
        act(scene, listeners.add_listener, "none", CMPP, ListenerChange())


def test_a_listener_that_was_removed_is_gone(scene):
    act(scene, listeners.add_listener, "in", CMPP, ListenerChange(port=7890))
    act(scene, listeners.drop_listener, "in")

    assert snapshot(scene).listeners == {}
    with pytest.raises(NotFound):
        act(scene, listeners.drop_listener, "in")


def test_an_account_connects_by_its_login_or_its_name(scene):
    change = AccountChange(protocols=["smpp", "cmpp"], protocol_login="900001", source_rule="number", missing_session="pull")
    act(scene, accounts.change_account, "pre", change)
    act(scene, accounts.change_account, "post", AccountChange(protocols=["smpp"]))

    found = snapshot(scene).accounts_by_login

    assert {login: account.name for login, account in found.items()} == {"900001": "pre", "post": "post"}
    assert (found["900001"].source_rule, found["900001"].missing_session) == (SourceRule.NUMBER, MissingSession.PULL)
    assert found["900001"].protocols == (SMPP, CMPP)


def test_no_two_accounts_connect_by_the_same_name(scene):
    act(scene, accounts.change_account, "pre", AccountChange(protocol_login="900001"))

    for login in ("900001", "pre"):
        with pytest.raises(Conflict):
            act(scene, accounts.change_account, "post", AccountChange(protocol_login=login))
    with pytest.raises(Conflict):
        act(scene, accounts.add_account, accounts.NewAccount("900001", 99, "s3cret"), SEALER)


def test_a_protocol_secret_stands_for_the_api_secret_and_is_sealed(scene):
    act(scene, accounts.change_protocol_secret, "pre", "8letters", SEALER)

    assert [one.plain for one in snapshot(scene).accounts["pre"].session_secrets] == ["8letters"]
    assert b"8letters" not in scene.rows("account")[0]["protocol_secret"]
    assert "8letters" not in str(scene.rows("audit")[-1])

    act(scene, accounts.change_protocol_secret, "pre", "", SEALER)

    assert [one.plain for one in snapshot(scene).accounts["pre"].session_secrets] == ["abc123"]


@pytest.mark.parametrize("secret", ["123456789", "秘密", "a b"])
def test_a_protocol_secret_fits_into_smpp(scene, secret):
    with pytest.raises(Invalid):
        act(scene, accounts.change_protocol_secret, "pre", secret, SEALER)
