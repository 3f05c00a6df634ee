"""What a code means: the operator's word first, then its protocol's list, then ours, then its family."""

import pytest

from hongyan.model.channel import Channel
from hongyan.model.meaning import CodeClass, CodeRule, Fault, Points
from hongyan.model.protocol import Protocol
from hongyan.policy.codes import TRAITS, as_ruled, explained, meaning_of, ours, published


def channel(protocol, **codes):
    return Channel(1, "up", Protocol(protocol), codes=codes)


@pytest.mark.parametrize(
    ("protocol", "code", "kind", "fault", "may_resend"),
    [
        ("cmpp2", "DELIVRD", "delivered", "nobody", False),
        ("cmpp2", "MK:0001", "number", "recipient", False),
        ("cmpp3", "MK:0005", "barred", "recipient", False),
        ("cmpp3", "MI:0024", "absent", "recipient", False),
        ("cmpp2", "MK:9999", "other", "unclear", False),  # by its family
        ("cmpp2", "MA:7777", "network", "carrier", True),
        ("cmpp2", "SIGFAIL", "signature", "operator", True),
        ("cmpp2", "8", "throttled", "operator", True),
        ("smpp", "0x58", "throttled", "operator", True),
        ("smpp", "0x0B", "number", "recipient", False),
        ("smpp", "UNDELIV", "other", "unclear", False),
        ("smpp", "MK:0011", "absent", "recipient", False),  # an aggregator passes on CMPP's word
        ("loopback", "EXPIRED", "absent", "recipient", False),
        ("cmpp2", "UNWRITABLE", "request", "operator", True),
    ],
)
def test_what_comes_with_hongyan(protocol, code, kind, fault, may_resend):
    meaning = meaning_of(channel(protocol), code)

    assert (meaning.kind, meaning.fault, meaning.may_resend) == (CodeClass(kind), Fault(fault), may_resend)


@pytest.mark.parametrize(
    ("protocol", "code"), [("smpp", "8"), ("smpp", "88"), ("cmpp2", "ZZ:0001"), ("smpp", "0x401"), ("cmpp2", "")]
)
def test_what_nobody_has_explained(protocol, code):
    assert meaning_of(channel(protocol), code) is None


def test_every_published_code_is_explained_in_both_languages():
    for key, meaning in published().items():
        assert meaning.english, key
        assert any("\u4e00" <= char <= "\u9fff" for char in meaning.chinese), key
    assert {meaning.kind for meaning in published().values()} == set(CodeClass) == set(TRAITS)
    assert len(published()) > 600


def test_the_operators_word_stands_above_the_list():
    rule = CodeRule("MK:0001", CodeClass.NETWORK, Points.RETURN, english="their HLR lies")
    ruled = as_ruled(rule, explained(Protocol.CMPP2, "MK:0001"))

    meaning = meaning_of(channel("cmpp2", **{"MK:0001": ruled}), "MK:0001")

    assert (meaning.kind, meaning.fault, meaning.points, meaning.may_resend) == (
        CodeClass.NETWORK,
        Fault.CARRIER,
        Points.RETURN,
        True,
    )
    assert (meaning.english, meaning.chinese) == ("their HLR lies", "空号（用户未开户）")


def test_a_rule_for_a_code_that_nobody_knew_is_named_by_its_class():
    meaning = as_ruled(CodeRule("X1", CodeClass.QUOTA, may_resend=False), None)

    assert (meaning.english, meaning.may_resend, meaning.points) == ("quota", False, Points.RULE)


def test_our_own_words_are_known_without_a_channel():
    assert ours("EXPIRED").kind is CodeClass.EXPIRED
    assert meaning_of(None, "EXPIRED") == ours("EXPIRED")
    assert meaning_of(None, "MK:0001") is None
