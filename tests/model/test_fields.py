"""What is configured is described field by field: checked when it is said, and the same from row to thing and back."""

import dataclasses
import re

import pytest

from hongyan.model.account import Account, AccountChange, AccountOpening, PayMode, Product
from hongyan.model.channel import Channel, ChannelChange, ChannelOpening, check_channel
from hongyan.model.channel_options import ChannelOptions
from hongyan.model.customer import CustomerChange
from hongyan.model.errors import Invalid
from hongyan.model.fields import fields_for, fields_of, in_groups, loaded, usual_columns
from hongyan.model.protocol import Protocol
from hongyan.model.route import RouteChange
from hongyan.model.secret import Secret
from hongyan.model.site import Site, SiteChange
from hongyan.store import schema

CHANGES = [AccountChange, CustomerChange, SiteChange, ChannelChange, RouteChange]


@pytest.mark.parametrize(
    ("field", "value", "held"),
    [
        ("extno", "0012", "0012"),
        ("extno", "", ""),
        ("ip_list", ["203.0.113.7", "10.0.0.0/8", "203.0.113.7", ""], ("203.0.113.7", "10.0.0.0/8")),
        ("ip_list", ["2001:db8::/32"], ("2001:db8::/32",)),
        ("push_url", "", ""),
        ("push_url", "https://acme.example:8443/cb?key=1", "https://acme.example:8443/cb?key=1"),
        ("push_url", "http://短信.example/cb", "http://短信.example/cb"),
        ("sid", "A" * 32, "a" * 32),
        ("products", ["mms", "sms", "mms"], (Product.MMS, Product.SMS)),
        ("pay_mode", "postpaid", PayMode.POSTPAID),
        ("extno_most", -1, -1),
        ("is_stopped", False, False),
    ],
)
def test_what_can_be_is_held(field, value, held):
    assert getattr(AccountChange(**{field: value}), field) == held


@pytest.mark.parametrize(
    ("field", "value", "cure"),
    [
        ("extno", "abc", "give up to 20 digits, or nothing"),
        ("extno", "1" * 21, "give up to 20 digits, or nothing"),
        ("extno", "１２", "give up to 20 digits, or nothing"),
        ("ip_list", ["xyz"], "give addresses such as 203.0.113.7, or networks such as 203.0.113.0/24"),
        ("ip_list", ["203.0.113.0/33"], "give addresses such as 203.0.113.7, or networks such as 203.0.113.0/24"),
        ("push_url", "not a url", "give an address of http or https, such as https://sms.example/reports, or nothing"),
        (
            "push_url",
            "ftp://acme.example/",
            "give an address of http or https, such as https://sms.example/reports, or nothing",
        ),
        ("push_url", "http://:80/", "give an address of http or https, such as https://sms.example/reports, or nothing"),
        ("push_url", "http://a:x/", "give an address of http or https, such as https://sms.example/reports, or nothing"),
        ("sid", "short", "give 32 digits and letters, or new for one by chance"),
        ("products", ["fax"], "give one of sms, mms"),
        ("dialect", "klingon", "give one of hx, wl, wl-en, wl-000, ls"),
        ("unknown_after_s", 10, "give a number from 3600 to 5184000"),
        ("validity_s", "soon", "give a number from 0 to 1000000000"),
        ("reads_reports", "maybe", "give yes or no"),
    ],
)
def test_what_cannot_be_is_refused_with_field_value_and_cure(field, value, cure):
    with pytest.raises(Invalid) as refused:
        AccountChange(**{field: value})

    assert refused.value.facts["field"] == field
    assert refused.value.cure.format_map(refused.value.facts) == cure


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        (ChannelChange, "host", "no host"),
        (ChannelChange, "port", 65_536),
        (ChannelChange, "window", 0),
        (ChannelChange, "heartbeat_s", 0),
        (ChannelChange, "heartbeat_s", float("nan")),
        (ChannelChange, "receipts", "some"),
        (RouteChange, "carrier", "+86"),
        (RouteChange, "carrier", "mobil"),
        (RouteChange, "tier", -1),
        (RouteChange, "weight", 0),
        (CustomerChange, "name", ""),
        (CustomerChange, "parent_id", -1),
        (SiteChange, "brand", " "),
        (SiteChange, "language", "de"),
    ],
)
def test_what_a_channel_a_route_or_a_site_cannot_be_is_refused(change, field, value):
    with pytest.raises(Invalid) as refused:
        change(**{field: value})

    assert (refused.value.facts["field"], refused.value.facts["value"]) == (field, str(value))


@pytest.mark.parametrize(
    ("option", "value"),
    [("node", "3x"), ("node", "0"), ("listen_port", "99999"), ("allow_ip", "192.0.2.9,nowhere"), ("receipt_zone", "China")],
)
def test_what_an_option_of_a_channel_cannot_be_is_refused_by_the_name_of_the_option(option, value):
    with pytest.raises(Invalid, match=option):
        ChannelChange(options={option: value})


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("report_dely_s", "there is no option report_dely_s; did you mean report_delay_s?"),
        ("colour", "there is no option colour"),
    ],
)
def test_an_option_that_no_protocol_reads_is_refused(name, what):
    with pytest.raises(Invalid, match=re.escape(what)):
        ChannelChange(options={name: "1"})
    assert ChannelChange(options={name: ""}).options == {name: ""}  # as good as not given


def test_an_sgip_channel_needs_its_node_and_every_channel_of_a_carrier_a_host_and_a_port():
    with pytest.raises(Invalid, match="node"):
        check_channel(Channel(0, "bj", Protocol.SGIP, "192.0.2.8", 8801))
    with pytest.raises(Invalid, match="host"):
        check_channel(Channel(0, "up", Protocol.SMPP, "192.0.2.8"))

    check_channel(Channel(0, "bj", Protocol.SGIP, "192.0.2.8", 8801, options={"node": "3010012345"}))
    check_channel(Channel(0, "trial", Protocol.LOOPBACK))


@pytest.mark.parametrize(
    ("protocol", "products"),
    [
        (Protocol.LOOPBACK, (Product.SMS, Product.MMS)),
        (Protocol.MM7, (Product.MMS,)),
        (Protocol.SMPP, (Product.SMS,)),
        (Protocol.HTTP, (Product.SMS,)),
    ],
)
def test_a_field_has_the_words_of_a_protocol_and_the_first_is_the_usual_one(protocol, products):
    (product,) = (field for field in fields_for(ChannelOpening, protocol) if field.name == "product")

    assert tuple(product.kind.words) == products
    assert product.usual == products[0]
    assert ChannelOpening(name="up", protocol=protocol).channel(ChannelChange()).product is products[0]


def test_a_channel_without_a_carrier_has_no_address_and_no_secret():
    without = [
        {field.name for field in fields_of(change)} - {field.name for field in fields_for(change, Protocol.LOOPBACK)}
        for change in (ChannelOpening, ChannelChange)
    ]

    assert without == [
        {"secret"},
        {"host", "port", "user", "window", "connections", "answer_timeout_s", "heartbeat_s"},
    ]
    assert all(fields_for(change, Protocol.CMPP2) == fields_of(change) for change in (ChannelChange, RouteChange))


def test_an_empty_value_that_cannot_be_is_called_empty():
    with pytest.raises(Invalid) as refused:
        AccountOpening(name="", customer_id=7)

    assert (refused.value.sentence, refused.value.facts["field"]) == ("{field} cannot be empty", "name")


def test_a_refusal_shows_no_password_and_no_endless_value():
    with pytest.raises(Invalid) as refused:
        AccountChange(push_url="ftp://user:s3cret@acme.example/" + "x" * 1000)

    assert "s3cret" not in str(refused.value)
    assert len(str(refused.value)) < 150


@pytest.mark.parametrize("change", CHANGES)
def test_every_field_has_a_column_and_comes_back_from_it(change):
    columns = schema.metadata.tables[change.thing.__name__.lower()].columns

    row = usual_columns(change)

    assert set(row) <= set(columns.keys())
    assert loaded(change, row) == {field.name: field.usual for field in fields_of(change)}


def test_what_an_account_is_as_usual_is_said_once():
    built = Account(1, 1, "acme", Secret("", ""), **loaded(AccountChange, usual_columns(AccountChange)) | {"extno_most": 5})

    assert built == Account(1, 1, "acme", Secret("", ""))
    assert Site("", **loaded(SiteChange, usual_columns(SiteChange))) == Site("")


def test_every_setting_of_an_account_can_be_said():
    """But for its names and its secret, which have commands of their own."""
    own = {"id", "customer_id", "name", "secret", "old_secret", "is_sandbox", "protocol_secret"}
    own |= {"former_secret", "old_protocol_secret"}

    assert {field.name for field in dataclasses.fields(Account)} - own == {field.name for field in fields_of(AccountChange)}


@pytest.mark.parametrize("change", [AccountChange, ChannelChange, ChannelOptions])
def test_each_field_stands_in_one_group(change):
    named = [name for group in change.groups for name in group.names]

    assert sorted(named) == sorted(field.name for field in fields_of(change))
    assert [field.name for field in in_groups(change, fields_of(change))] == named
    assert all(field.group for field in fields_of(change))
