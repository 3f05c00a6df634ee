"""Customers, accounts, channels and routes: each change with its audit row and a new version of the ConfigSnapshot in one transaction."""

from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scene import NOW, PREFIXES, SEALER, UP2

from hongyan.model.account import AccountChange, ChargeRule, PayMode, Product, PushFormat
from hongyan.model.act import Actor
from hongyan.model.channel import (
    Channel,
    ChannelChange,
    ChannelState,
    IdForm,
    OnDoubt,
    ReceiptsGiven,
    SignaturePlace,
)
from hongyan.model.customer import CustomerChange
from hongyan.model.destination import Carrier
from hongyan.model.dialect import DialectName
from hongyan.model.errors import Conflict, Forbidden, Invalid, NotFound
from hongyan.model.protocol import Protocol
from hongyan.model.route import RouteChange, RouteMove
from hongyan.services.admin import accounts, channels
from hongyan.services.admin.accounts import NewAccount
from hongyan.services.admin.sealing import KeyWrong, Sealer
from hongyan.services.key import hold_key
from hongyan.services.queries.account_details import account_details
from hongyan.services.snapshot import load_snapshot

FULL = NewAccount(
    "acme",
    77,
    "s3cret",
    AccountChange(
        pay_mode=PayMode.POSTPAID,
        charge_rule=ChargeRule.DELIVERED,
        dialect=DialectName.WL_EN,
        extno="88",
        ip_list=("10.0.0.0/8", "::1"),
        push_url="https://acme/cb",
        push_format=PushFormat.JSON,
        push_private=True,
        unknown_after_s=7_200,
    ),
    "Acme",
)
CHANNEL = Channel(
    0,
    "full",
    Protocol.CMPP3,
    "h",
    7890,
    "u",
    "pässwörd",
    Product.SMS,
    ChannelState.PAUSED,
    32,
    3,
    100,
    "1069",
    18,
    SignaturePlace.FRONT,
    OnDoubt.HOLD,
    ReceiptsGiven.LAST,
    IdForm.HEX_THEN_DECIMAL,
    86_400,
    60,
    12.5,
    7.25,
    {"service_id": "HELP"},
)
ANOTHER = Sealer(b"\1" * 32)


def act(scene, change, *args):
    return scene.within(lambda tx: change(tx, scene.act(), *args))


def snapshot(scene, sealer=SEALER):
    return scene.within(lambda tx: load_snapshot(tx, sealer, PREFIXES, 7, down=[2]))


def last_audit(scene):
    row = scene.rows("audit")[-1]
    return row["actor"], row["action"], row["subject"], orjson.loads(row["before"]), orjson.loads(row["after"])


# --- accounts --------------------------------------------------------------------------------------------------------


def test_an_account_comes_back_in_the_snapshot_as_it_was_added(scene):
    account_id = act(scene, accounts.add_account, FULL, SEALER)

    found = snapshot(scene).accounts["acme"]

    assert (found.id, found.customer_id, found.secret.plain, found.secret.md5_upper) == (
        account_id,
        77,
        "s3cret",
        "33E1B232A4E6FA0028A6670753749A17",
    )
    assert (found.pay_mode, found.charge_rule, found.dialect) == (PayMode.POSTPAID, ChargeRule.DELIVERED, DialectName.WL_EN)
    assert (found.extno, found.ip_list, found.push_url) == ("88", ("10.0.0.0/8", "::1"), "https://acme/cb")
    assert (found.push_format, found.push_private, found.unknown_after_s) == (PushFormat.JSON, True, 7_200)
    assert (found.is_stopped, found.reads_reports) == (False, True)
    assert [row["name"] for row in scene.rows("customer") if row["id"] == 77] == ["Acme"]
    assert scene.within(lambda tx: tx.read_wallet(account_id, Product.SMS)).points == 0


def test_an_account_is_found_by_its_sid_and_no_two_have_the_same(scene):
    act(scene, accounts.add_account, NewAccount("lu", 78, "s", AccountChange(sid="a" * 32)), SEALER)
    act(scene, accounts.change_account, "lu", AccountChange(sid="a" * 32))

    assert snapshot(scene).accounts_by_sid["a" * 32].name == "lu"
    with pytest.raises(Conflict, match="lu"):
        act(scene, accounts.add_account, NewAccount("shang", 78, "s", AccountChange(sid="a" * 32)), SEALER)
    with pytest.raises(Conflict, match="lu"):
        act(scene, accounts.change_account, "pre", AccountChange(sid="a" * 32))

    act(scene, accounts.change_account, "lu", AccountChange(sid=""))
    act(scene, accounts.change_account, "pre", AccountChange(sid="a" * 32))
    assert {sid: account.name for sid, account in snapshot(scene).accounts_by_sid.items()} == {"a" * 32: "pre"}


def test_every_change_raises_the_version_of_the_snapshot(scene):
    versions = [snapshot(scene).version]
    for change, *args in (
        (accounts.add_account, FULL, SEALER),
        (accounts.change_account, "acme", AccountChange(extno="9")),
        (accounts.change_secret, "acme", "other", SEALER),
        (accounts.add_customer, 500, "Sub", 77),
        (channels.add_channel, CHANNEL, SEALER),
        (channels.set_channel_state, "full", ChannelState.RUNNING),
        (channels.change_channel_secret, "full", "x", SEALER),
        (channels.add_route, "full", Carrier.MOBILE, None, 0, 5),
        (channels.change_route, 1, RouteChange(weight=9)),
        (channels.move_route, 1, RouteMove.DOWN),
        (channels.drop_route, 1),
    ):
        act(scene, change, *args)
        versions.append(snapshot(scene).version)

    assert versions == sorted(set(versions))
    assert len(scene.rows("audit")) >= len(versions) - 1


def test_a_change_names_its_actor_and_what_was_before_and_after(scene):
    act(scene, accounts.change_account, "pre", AccountChange(is_stopped=True, extno="99"))

    actor, action, subject, before, after = last_audit(scene)

    assert (actor, action, subject) == ("system:test", "account.change", "pre")
    assert (before["extno"], after["extno"], bool(after["is_stopped"])) == ("12", "99", True)
    assert snapshot(scene).accounts["pre"].is_stopped


def test_no_secret_is_in_the_audit_nor_in_clear_in_any_table(scene):
    act(scene, accounts.add_account, FULL, SEALER)
    act(scene, accounts.change_secret, "acme", "n3w-s3cret", SEALER)
    act(scene, channels.add_channel, CHANNEL, SEALER)
    act(scene, channels.change_channel_secret, "full", "n3w-pass", SEALER)

    stored = repr(scene.everything())

    assert snapshot(scene).accounts["acme"].secret.plain == "n3w-s3cret"
    for secret in ("s3cret", "n3w-s3cret", "pässwörd", "n3w-pass"):
        assert secret not in stored
    assert "n3w" not in repr(snapshot(scene).accounts["acme"])


def test_an_old_secret_is_taken_for_as_long_as_was_said(scene):
    act(scene, accounts.add_account, FULL, SEALER)
    scene.within(lambda tx: accounts.change_secret(tx, scene.act(), "acme", "n3w", SEALER, 60_000))
    actor, action, subject, _, after = last_audit(scene)

    def at(now_ms):
        loaded = scene.within(lambda tx: load_snapshot(tx, SEALER, PREFIXES, 7, now_ms=now_ms))
        return [secret.plain for secret in loaded.accounts["acme"].secrets], loaded.stale_ms

    assert at(scene.now) == (["n3w", "s3cret"], scene.now + 60_000)
    assert at(scene.now + 59_999) == (["n3w", "s3cret"], scene.now + 60_000)
    assert at(scene.now + 60_000) == (["n3w"], 0)
    assert (actor, action, subject) == ("system:test", "account.secret", "acme")
    assert after == {"old_secret_ends_ms": scene.now + 60_000}


def test_only_the_last_secret_is_taken_beside_the_new_one(scene):
    for secret in ("one", "two"):
        scene.within(lambda tx, plain=secret: accounts.change_secret(tx, scene.act(), "pre", plain, SEALER, 60_000))
    assert [secret.plain for secret in snapshot(scene).accounts["pre"].secrets] == ["two", "one"]

    act(scene, accounts.change_secret, "pre", "three", SEALER)
    account = snapshot(scene).accounts["pre"]
    assert [secret.plain for secret in account.secrets] == ["three"]
    assert [secret.plain for secret in account.former_secrets] == ["two"]


def test_of_former_secrets_the_last_one_is_known_to_tell_who_goes_on_with_it(scene):
    scene.within(lambda tx: accounts.change_secret(tx, scene.act(), "pre", "two", SEALER, 60_000))
    for own in ("own1", "own2", ""):
        act(scene, accounts.change_protocol_secret, "pre", own, SEALER)

    def at(now_ms):
        account = scene.within(lambda tx: load_snapshot(tx, SEALER, PREFIXES, 7, now_ms=now_ms)).accounts["pre"]
        return [[secret.plain for secret in some] for some in (account.former_secrets, account.former_session_secrets)]

    assert at(scene.now) == [[], ["own2"]]
    assert at(scene.now + 60_000) == [["abc123"], ["own2", "abc123"]]

    act(scene, accounts.change_protocol_secret, "pre", "own3", SEALER)
    assert at(scene.now + 60_000) == [["abc123"], ["own2", "two", "abc123"]]


@pytest.mark.parametrize("column", ["old_secret", "old_protocol_secret"])
def test_a_former_secret_that_does_not_open_stops_nobody(scene, column):
    scene.within(lambda tx: tx.change_row("account", 2, **{column: ANOTHER.seal("x", "account:2"), "old_secret_ends_ms": 0}))

    found = snapshot(scene)

    assert not found.shut
    assert not found.accounts["taken"].former_session_secrets


def test_no_row_that_is_shown_has_a_secret(scene):
    scene.within(lambda tx: accounts.change_secret(tx, scene.act(), "pre", "n3w", SEALER, 60_000))
    shown = scene.within(lambda tx: account_details(tx, "pre"))

    assert not {"secret", "old_secret", "protocol_secret", "old_protocol_secret"} & set(shown)
    assert shown["old_secret_ends_ms"] == scene.now + 60_000


@pytest.mark.parametrize(
    ("change", "args"),
    [
        (accounts.add_account, (NewAccount("pre", 1, "x"), SEALER)),
        (accounts.add_customer, (11, "again", None)),
        (channels.add_channel, (Channel(0, "up1", Protocol.SMPP), SEALER)),
    ],
)
def test_a_name_that_is_taken_is_refused_and_changes_nothing(scene, change, args):
    before = scene.everything()

    with pytest.raises(Conflict):
        act(scene, change, *args)

    assert scene.everything() == before


@pytest.mark.parametrize(
    ("change", "args"),
    [
        (accounts.change_account, ("nobody", AccountChange(extno=""))),
        (accounts.change_secret, ("nobody", "x", SEALER)),
        (accounts.add_customer, (501, "child", 999)),
        (channels.change_channel, ("nowhere", ChannelChange(window=1))),
        (channels.change_channel_secret, ("nowhere", "x", SEALER)),
        (channels.set_channel_state, ("nowhere", ChannelState.RUNNING)),
        (channels.add_route, ("nowhere", None, None, 0, 1)),
        (channels.change_route, (999, RouteChange(tier=1))),
        (channels.change_route, (1, RouteChange(tier=1), "nowhere")),
        (channels.move_route, (999, RouteMove.UP)),
        (channels.drop_route, (999,)),
    ],
)
def test_what_is_not_there_is_named(scene, change, args):
    before = scene.everything()

    with pytest.raises(NotFound):
        act(scene, change, *args)

    assert scene.everything() == before


def test_a_second_account_of_a_customer_leaves_the_customer_alone(scene):
    act(scene, accounts.add_account, NewAccount("more", 11, "x", customer_name="Other name"), SEALER)

    assert [row["name"] for row in scene.rows("customer") if row["id"] == 11] == ["pre"]


# --- channels and routes ---------------------------------------------------------------------------------------------


def test_a_channel_comes_back_in_the_snapshot_as_it_was_added(scene):
    channel_id = act(scene, channels.add_channel, CHANNEL, SEALER)

    found = snapshot(scene).channels[channel_id]

    assert found == Channel(channel_id, *[getattr(CHANNEL, name) for name in CHANNEL.__slots__[1:]])
    assert found.secret == "pässwörd"


def test_routes_come_back_and_can_be_dropped(scene):
    route_id = act(scene, channels.add_route, "up2", Carrier.TELECOM, "pre", 3, 7)

    (found,) = [route for route in snapshot(scene).routes if route.id == route_id]
    assert (found.channel_id, found.account_id, found.product, found.carrier, found.tier, found.weight) == (
        2,
        scene.account("pre").id,
        Product.SMS,
        Carrier.TELECOM,
        3,
        7,
    )
    act(scene, channels.drop_route, route_id)

    assert route_id not in {route.id for route in snapshot(scene).routes}


def test_a_route_is_changed_and_the_audit_has_it_before_and_after(scene):
    act(scene, channels.change_route, 1, RouteChange(carrier="mobile", weight=3), "up2")
    act(scene, channels.change_route, 1, RouteChange(weight=3))

    (found,) = [route for route in snapshot(scene).routes if route.id == 1]
    assert (found.channel_id, found.carrier, found.weight, found.tier) == (2, Carrier.MOBILE, 3, 0)
    act(scene, channels.change_route, 1, RouteChange(carrier="any"))
    assert next(route for route in snapshot(scene).routes if route.id == 1).carrier is None
    first, second = [row for row in scene.rows("audit") if row["action"] == "route.change"]
    assert (first["subject"], orjson.loads(first["before"])["channel_id"], orjson.loads(first["after"])["channel_id"]) == (
        "1",
        1,
        2,
    )
    assert (orjson.loads(second["before"])["carrier"], orjson.loads(second["after"])["carrier"]) == ("mobile", "")


def test_a_route_is_moved_and_each_that_has_another_tier_stands_in_the_audit(scene):
    for row in scene.rows("route"):
        act(scene, channels.drop_route, row["id"])
    first, second = (act(scene, channels.add_route, name, None, None, tier, 1) for tier, name in enumerate(("up1", "up2")))
    audited = len(scene.rows("audit"))

    act(scene, channels.move_route, second, RouteMove.UP)

    assert {route.id: route.tier for route in snapshot(scene).routes} == {first: 1, second: 0}
    assert {row["subject"] for row in scene.rows("audit")[audited:]} == {str(first), str(second)}
    before = scene.everything()
    with pytest.raises(Conflict, match=f"route {second} could pass"):
        act(scene, channels.move_route, second, RouteMove.UP)
    assert scene.everything() == before


def test_a_route_that_would_be_moved_past_the_last_tier_stays(scene):
    for row in scene.rows("route"):
        act(scene, channels.drop_route, row["id"])
    routes = [act(scene, channels.add_route, "up1", None, None, 100, 1) for _each in range(2)]
    before = scene.everything()

    with pytest.raises(Invalid, match="tier"):
        act(scene, channels.move_route, routes[0], RouteMove.DOWN)

    assert scene.everything() == before


def test_the_snapshot_brings_prefixes_bounds_prices_and_what_is_down(scene):
    def add(tx):
        tx.add_row("price", account_id=1, product=1, carrier="mobile", points=3)
        tx.add_row("price", account_id=1, product=1, carrier="", points=2)
        tx.add_row("site", host="a.example", dialect="wl", brand="A", language="en")

    scene.within(add)
    found = snapshot(scene)

    assert (found.numbers_most, found.down, found.prefixes) == (7, {2}, PREFIXES)
    assert found.prices == {(1, Product.SMS, Carrier.MOBILE): 3, (1, Product.SMS, None): 2}
    assert (found.site("A.example:8080").brand, found.site("other").brand) == ("A", "Hongyan")


# --- sealing -----------------------------------------------------------------------------------------------------------


def test_the_store_takes_the_key_that_opens_its_oldest_secret_and_then_no_other(scene):
    for _ in range(2):
        with pytest.raises(KeyWrong):
            scene.within(lambda tx: hold_key(tx, ANOTHER))
        scene.within(lambda tx: hold_key(tx, SEALER))

    assert SEALER.key.hex() not in str(scene.rows("fact"))


def test_a_store_without_secrets_takes_the_first_key(store):
    with store.transaction() as tx:
        hold_key(tx, ANOTHER)
    with pytest.raises(KeyWrong), store.transaction() as tx:
        hold_key(tx, SEALER)


@pytest.mark.parametrize("column", ["secret", "old_secret"])
def test_one_secret_that_does_not_open_stops_its_account_and_nothing_else(scene, column):
    """One that was moved from another row opens no more than one of another key."""
    sealed = bytes(scene.rows("account")[0]["secret"])
    scene.within(lambda tx: tx.change_row("account", 2, **{column: sealed, "old_secret_ends_ms": NOW * 2}))

    found = snapshot(scene)
    stopped = {name: account.is_stopped for name, account in found.accounts.items()}

    assert found.shut == ("account taken",)
    assert stopped == {name: name == "taken" for name in stopped}
    assert found.accounts["taken"] == snapshot(scene).accounts["taken"]  # no news with each reading
    assert found.accounts["pre"].secret.plain == "abc123"


def test_a_channel_whose_secret_does_not_open_is_stopped_and_named(scene):
    scene.within(lambda tx: tx.change_row("channel", UP2, secret=ANOTHER.seal("x", f"channel:{UP2}")))

    found = snapshot(scene)

    assert found.shut == (f"channel {found.channels[UP2].name}",)
    assert [i for i, channel in found.channels.items() if channel.state is ChannelState.STOPPED] == [UP2]


@given(st.text(max_size=64), st.text(max_size=20))
def test_what_is_sealed_opens_for_its_owner_alone(secret, owner):
    sealed = SEALER.seal(secret, owner)

    assert SEALER.open(sealed, owner) == secret
    with pytest.raises(KeyWrong):
        SEALER.open(sealed, f"{owner}x")
    with pytest.raises(KeyWrong):
        SEALER.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), owner)
    assert SEALER.seal(secret, owner) != sealed


@pytest.mark.parametrize("sealed", [bytes(12), bytes(40)])
def test_what_was_never_sealed_does_not_open(sealed):
    with pytest.raises(KeyWrong):
        SEALER.open(sealed, "account:1")


@pytest.mark.parametrize(
    ("option", "seen"),
    [
        ("receipt_zone", "Beijing"), ("receipt_zone", "+8"), ("receipt_zone", "+15:00"), ("alphabet", "morse"),
        ("guess_header", "maybe"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused_where_it_is_given(scene, option, seen):
    with pytest.raises(Invalid, match=option):
        scene.within(lambda tx: channels.change_channel(tx, scene.act(), "up1", ChannelChange(options={option: seen})))


def test_an_option_of_another_protocol_is_refused_where_it_is_given(scene):
    """One that an earlier release stored changes nothing, and stays until its options are set anew."""
    held = orjson.dumps({"poll_s": "5", "long": "udh16"}).decode()
    scene.within(lambda tx: tx.change_row("channel", UP2, options=held))

    act(scene, channels.change_channel, "up2", ChannelChange(host="192.0.2.8", options={"poll_s": "5", "ascii": "yes"}))

    assert snapshot(scene).channels[UP2].options == {"poll_s": "5", "ascii": "yes"}
    for changed in (ChannelChange(options={"poll_s": "6"}), ChannelChange(options={"node": "3010012345"})):
        with pytest.raises(Invalid, match=r"is an option of (http|sgip), not of smpp"):
            act(scene, channels.change_channel, "up2", changed)
    with pytest.raises(Invalid, match="poll_s is an option of http, not of loopback"):
        act(scene, channels.add_channel, Channel(0, "trial", Protocol.LOOPBACK, options={"poll_s": "5"}), SEALER)


def test_no_two_accounts_have_one_extno_where_a_reply_could_be_for_either(scene):
    act(scene, accounts.add_account, NewAccount("own", 78, "s", AccountChange(extno="44")), SEALER)

    with pytest.raises(Conflict, match="account own has the extno 44 on"):
        act(scene, accounts.add_account, NewAccount("late", 78, "s", AccountChange(extno="44")), SEALER)
    with pytest.raises(Conflict, match="account own has the extno 44 on"):
        act(scene, accounts.change_account, "pre", AccountChange(extno="44"))
    act(scene, accounts.change_account, "own", AccountChange(extno="44"))
    act(scene, accounts.change_account, "pre", AccountChange(extno="445"))  # the longest that fits has the reply
    with pytest.raises(Invalid, match="extno cannot be 4x"):
        act(scene, accounts.change_account, "pre", AccountChange(extno="4x"))


def test_a_route_that_would_bring_two_such_accounts_together_is_refused(scene):
    for row in scene.rows("route"):
        act(scene, channels.drop_route, row["id"])
    act(scene, accounts.add_account, NewAccount("first", 78, "s", AccountChange(extno="44")), SEALER)
    act(scene, accounts.add_account, NewAccount("second", 79, "s", AccountChange(extno="44")), SEALER)
    act(scene, channels.add_channel, CHANNEL, SEALER)
    act(scene, channels.add_route, "full", None, "first", 0, 5)
    act(scene, channels.add_route, "full", Carrier.MOBILE, "first", 0, 5)

    for name in ("second", None):
        with pytest.raises(Conflict, match="has the extno 44 on"):
            act(scene, channels.add_route, "full", None, name, 0, 5)
    apart = act(scene, channels.add_route, "up1", None, "second", 0, 5)
    with pytest.raises(Conflict, match="has the extno 44 on"):
        act(scene, channels.change_route, apart, RouteChange(), "full")
    act(scene, accounts.change_account, "second", AccountChange(extno="45"))
    act(scene, channels.add_route, "full", None, None, 0, 5)


def test_an_access_number_that_would_bring_two_such_accounts_together_is_refused(scene):
    for row in scene.rows("route"):
        act(scene, channels.drop_route, row["id"])
    for place, name in enumerate(("first", "second")):
        act(scene, accounts.add_account, NewAccount(name, 78 + place, "s", AccountChange(extno="44")), SEALER)
        act(scene, channels.add_channel, replace(CHANNEL, name=f"to_{name}", access=f"1069{place}"), SEALER)
        act(scene, channels.add_route, f"to_{name}", None, name, 0, 5)

    with pytest.raises(Conflict, match="has the extno 44 on 10690"):
        act(scene, channels.change_channel, "to_second", ChannelChange(access="10690"))
    act(scene, channels.change_channel, "to_second", ChannelChange(access="10692"))


# --- customers -------------------------------------------------------------------------------------------------------


def test_a_customer_is_changed_and_never_belongs_to_itself(scene):
    act(scene, accounts.add_customer, 500, "Reseller", None)
    act(scene, accounts.add_customer, 501, "Child", 500)

    act(scene, accounts.change_customer, 501, CustomerChange(name="Children"))

    assert [(row["name"], row["parent_id"]) for row in scene.rows("customer") if row["id"] == 501] == [("Children", 500)]
    assert last_audit(scene)[1:3] == ("customer.change", "501")
    with pytest.raises(Conflict):
        act(scene, accounts.change_customer, 500, CustomerChange(parent_id=501))
    with pytest.raises(NotFound):
        act(scene, accounts.change_customer, 502, CustomerChange(name="Nobody"))


def test_a_customer_changes_of_its_account_only_what_is_its_own(scene):
    def as_customer(change):
        person = replace(scene.act(), actor=Actor("customer", "pre"))
        scene.within(lambda tx: accounts.change_account(tx, person, "pre", change))

    as_customer(AccountChange(push_url="https://pre.example/cb", ip_list=["203.0.113.7"]))
    with pytest.raises(Forbidden):
        as_customer(AccountChange(push_private=True))

    found = snapshot(scene).accounts["pre"]
    assert (found.push_url, found.ip_list, found.push_private) == ("https://pre.example/cb", ("203.0.113.7",), False)
