from dataclasses import replace

import pytest

from hongyan.model.account import Account, extno_digits
from hongyan.model.channel import Channel
from hongyan.model.dialect import DialectName
from hongyan.model.protocol import Protocol
from hongyan.model.refusal import Code, Refusal
from hongyan.model.route import Route
from hongyan.model.secret import Secret
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Submission
from hongyan.policy.admission import extno as rule
from hongyan.policy.admission.context import AdmissionContext
from hongyan.policy.extno import extension, owner_by_extno, source_number

UP = Channel(1, "up", Protocol.CMPP2, access="10690001", access_most=12)
OTHER = Channel(2, "other", Protocol.SMPP, access="10690002")


def account(account_id, extno="", most=5):
    return Account(account_id, 7, f"a{account_id}", Secret("", ""), extno=extno, extno_most=most)


FOR_ALL = (Route(1, 1), Route(2, 2))


def snapshot(*accounts, routes=FOR_ALL):
    return ConfigSnapshot(accounts_by_id={a.id: a for a in accounts}, channels={1: UP, 2: OTHER}, routes=routes)


@pytest.mark.parametrize("extno", ["", "0", "12345", "00000"])
def test_digits_up_to_the_accounts_limit_are_an_extno(extno):
    assert refused(snapshot(account(1)), account(1), extno) is None


@pytest.mark.parametrize(
    ("seen", "dialect", "digits"),
    [
        (-1, "hx", 5),
        (-1, "ls", 5),
        (-1, "wl", 10),
        (-1, "wl-en", 10),
        (-1, "wl-000", 10),
        (0, "wl", 0),
        (5, "wl", 5),
        (10, "hx", 10),
    ],
)
def test_how_many_digits_is_reported_or_as_usual_in_the_words_of_the_account(seen, dialect, digits):
    assert extno_digits(seen, DialectName(dialect)) == digits


@pytest.mark.parametrize("extno", ["123456", "a", "1a", " 1", "-1", "１２", "²", "1\n"])
def test_anything_else_is_refused(extno):
    assert refused(snapshot(account(1)), account(1), extno) == (Code.EXTNO_BAD, {"most": 5})


@pytest.mark.parametrize(
    ("own", "asked", "source"),
    [("", "", "10690001"), ("02", "", "1069000102"), ("02", "33", "106900010233"), ("02", "333", "106900010233")],
)
def test_the_handset_sees_access_account_and_request_cut_at_the_carriers_limit(own, asked, source):
    assert source_number(UP, account(1, own), asked) == source


@pytest.mark.parametrize(
    ("dest", "digits"),
    [
        ("10690001", ""),
        ("1069000102", "02"),
        ("861069000102", "02"),
        ("+861069000102", "02"),
        ("1069", ""),
        ("1069000202", ""),
        ("", ""),
        ("10690001" + "7" * 50, "7" * 12),
    ],
)
def test_the_extension_stands_behind_the_access_number(dest, digits):
    assert extension(UP, dest) == digits


@pytest.mark.parametrize(
    ("dest", "owner", "rest"),
    [
        ("1069000102", 1, ""),
        ("1069000102345", 2, "5"),  # 0234 is longer than 02
        ("106900010299", 1, "99"),
        ("10690001023", 1, "3"),
    ],
)
def test_a_reply_is_for_the_account_with_the_longest_extno(dest, owner, rest):
    account_found, digits = owner_by_extno(snapshot(account(1, "02"), account(2, "0234"), account(3)), UP, dest)
    assert (account_found.id, digits) == (owner, rest)


@pytest.mark.parametrize("dest", ["10690001", "1069000103", "1069000202", "", "abc"])
def test_a_reply_to_other_digits_has_no_owner(dest):
    assert owner_by_extno(snapshot(account(1, "02"), account(3)), UP, dest) is None


def test_a_shared_extno_belongs_to_the_account_that_uses_the_channel():
    routes = (Route(1, 1, account_id=1), Route(2, 2, account_id=2))
    shared = snapshot(account(1, "02"), account(2, "02"), routes=routes)
    assert owner_by_extno(shared, UP, "1069000102")[0].id == 1
    assert owner_by_extno(shared, OTHER, "1069000202")[0].id == 2


def test_nobody_is_guessed_when_two_accounts_share_an_extno_on_a_channel():
    assert owner_by_extno(snapshot(account(1, "02"), account(2, "02"), account(3, "0")), UP, "1069000102") is None


def test_an_account_that_does_not_use_the_channel_hides_no_shorter_extno():
    routes = (Route(1, 1, account_id=1), Route(2, 2, account_id=2))
    assert owner_by_extno(snapshot(account(1, "0"), account(2, "02"), routes=routes), UP, "1069000102")[1] == "2"


def test_without_an_access_number_all_digits_are_the_extension():
    bare = Channel(1, "bare", Protocol.SMPP)
    assert owner_by_extno(snapshot(account(1, "02")), bare, "0277") == (account(1, "02"), "77")


def refused(seen, sender, asked):
    """The facts for which an extno is refused; None when it is not."""
    try:
        rule.judge(AdmissionContext(seen, Submission(sender, [], "", extno=asked), 0, []))
    except Refusal as refusal:
        return refusal.code, refusal.facts
    return None


@pytest.mark.parametrize(("own", "asked"), [("", "88"), ("", "885"), ("8", "8"), ("8", "85")])
def test_an_extno_whose_replies_another_account_would_get_is_refused(own, asked):
    sender = account(1, own)
    seen = snapshot(sender, account(2, "88"), account(3))

    assert refused(seen, sender, asked) == (Code.EXTNO_TAKEN, {"extno": own + asked, "owner": "a2"})


@pytest.mark.parametrize(("own", "asked"), [("8", "96"), ("8", ""), ("", "8"), ("887", "1")])
def test_an_extno_whose_replies_are_the_senders_is_not(own, asked):
    sender = account(1, own)

    assert refused(snapshot(sender, account(2, "88"), account(3)), sender, asked) is None


@pytest.mark.parametrize(("access", "is_refused"), [("10690002", False), ("10690001", True)])
def test_it_is_refused_only_where_both_can_be_reached_by_one_number(access, is_refused):
    routes = (Route(1, 1, account_id=1), Route(2, 2, account_id=2))
    sender, seen = account(1), snapshot(account(1), account(2, "88"), routes=routes)
    seen = replace(seen, channels={1: UP, 2: replace(OTHER, access=access)})

    assert bool(refused(seen, sender, "88")) is is_refused
