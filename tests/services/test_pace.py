import pytest

from hongyan.model.account import Account
from hongyan.model.owed import OwedKind
from hongyan.model.refusal import Code, Refusal
from hongyan.model.secret import Secret
from hongyan.services.pace import PullPace

ACME, OTHER = Account(1, 7, "acme", Secret("", "")), Account(2, 8, "other", Secret("", ""))


def pulls(pace, count, account=ACME, kind=OwedKind.REPORT, now=0):
    """How many of so many pulls are let pass."""
    passed = 0
    for _ in range(count):
        try:
            pace.check(account, kind, now)
        except Refusal:
            continue
        passed += 1
    return passed


@pytest.mark.parametrize(("later_ms", "passed"), [(0, 0), (59_999, 0), (60_000, 3)])
def test_so_many_pulls_pass_in_a_minute(later_ms, passed):
    pace = PullPace(3)
    assert pulls(pace, 10, now=60_000 * 1_000) == 3

    assert pulls(pace, 10, now=60_000 * 1_000 + later_ms) == passed


def test_the_refusal_names_the_limit():
    pace = PullPace(3)
    pulls(pace, 3)

    with pytest.raises(Refusal) as refusal:
        pace.check(ACME, OwedKind.REPORT, 0)

    assert (refusal.value.code, refusal.value.facts) == (Code.PULLED_OFTEN, {"account": "acme", "most": 3})


def test_accounts_and_kinds_are_counted_apart():
    pace = PullPace(3)

    assert [pulls(pace, 5, *who) for who in ((ACME,), (OTHER,), (ACME, OwedKind.REPLY))] == [3, 3, 3]


def test_without_a_limit_every_pull_passes():
    assert pulls(PullPace(), 1_000) == 1_000
