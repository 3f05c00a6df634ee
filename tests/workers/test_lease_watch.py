"""What a process concludes from the leases that it reads, by its own clock alone."""

from types import SimpleNamespace

import pytest

from hongyan.model.rows import Lease
from hongyan.workers import lease_watch
from hongyan.workers.lease_watch import DOWN_AFTER_S, OVER_S, STALE_S, LeaseWatch

CHANNEL = 7


@pytest.fixture
def clock(monkeypatch):
    clock = SimpleNamespace(now=1_000.0)
    monkeypatch.setattr(lease_watch, "monotonic", lambda: clock.now)
    return clock


@pytest.fixture
def watch():
    return LeaseWatch(lambda owner: owner == "dead")


def lease(renewals=1, *, owner="a", expires_ms=1, is_up=True):
    return Lease(owner, 1, expires_ms, is_up, 0, renewals)


def see(watch, clock, found, after_s=0.0):
    clock.now += after_s
    watch.see({CHANNEL: found}, clock.now)


def test_what_was_never_read_or_was_let_go_is_free(watch, clock):
    assert watch.is_free(CHANNEL)
    see(watch, clock, lease())
    assert not watch.is_free(CHANNEL)
    see(watch, clock, lease(expires_ms=0))
    assert watch.is_free(CHANNEL)
    assert not watch.is_held(CHANNEL)


@pytest.mark.parametrize("expires_ms", [1, 1 << 53])
def test_a_lease_is_over_when_it_was_seen_without_a_renewal_for_long_enough(watch, clock, expires_ms):
    """Whatever it says of its end: clocks of others may have been put forward or back."""
    see(watch, clock, lease(expires_ms=expires_ms))
    see(watch, clock, lease(expires_ms=expires_ms), OVER_S - 0.1)
    assert not watch.is_over(CHANNEL)
    see(watch, clock, lease(expires_ms=expires_ms), 0.2)
    assert watch.is_over(CHANNEL)


def test_a_renewal_begins_the_wait_anew(watch, clock):
    see(watch, clock, lease(1))
    see(watch, clock, lease(2), OVER_S + 1)
    see(watch, clock, lease(2), OVER_S - 1)

    assert not watch.is_over(CHANNEL)
    assert watch.renewals(CHANNEL) == 2


def test_time_in_which_nothing_was_read_does_not_count(watch, clock):
    """A store that is away for long says nothing of its owners."""
    see(watch, clock, lease())
    clock.now += OVER_S + 1

    assert not watch.is_over(CHANNEL)
    assert watch.is_held(CHANNEL)


def test_a_lease_of_an_owner_that_has_ended_is_over_at_once(watch, clock):
    see(watch, clock, lease(owner="dead"))

    assert watch.is_over(CHANNEL)
    assert not watch.is_held(CHANNEL)
    assert set(watch.down_since([CHANNEL])) == {CHANNEL}


def test_a_channel_whose_owner_renews_no_more_is_down_long_before_its_lease_is_over(watch, clock):
    see(watch, clock, lease())
    see(watch, clock, lease(), STALE_S - 0.1)
    assert watch.down_since([CHANNEL]) == {}
    see(watch, clock, lease(), 0.2)

    assert watch.down_since([CHANNEL]) == {CHANNEL: clock.now}
    assert not watch.is_over(CHANNEL)


def test_a_channel_is_down_when_its_link_was_down_for_some_time(watch, clock):
    see(watch, clock, lease(1, is_up=False))
    assert watch.down_since([CHANNEL]) == {}
    since = clock.now
    see(watch, clock, lease(2, is_up=False), DOWN_AFTER_S + 0.1)
    assert watch.down_since([CHANNEL]) == {CHANNEL: since}
    see(watch, clock, lease(3), 0.1)
    assert watch.down_since([CHANNEL]) == {}
    see(watch, clock, lease(4, is_up=False), 0.1)
    assert watch.down_since([CHANNEL]) == {}
