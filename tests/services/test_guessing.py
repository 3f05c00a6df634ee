"""Those that try secrets wait longer and longer; those that know theirs are not locked out by strangers."""

import pytest

from hongyan.http.address import address_block
from hongyan.model.refusal import Code, Refusal
from hongyan.services.guessing import ADDRESS, KNOWN, KNOWN_MOST, OWNER, STRANGER, Guesses

ACME, OTHER, CUSTOMER = 1, 2, ("customer", 1)
HOME, STRANGE = "192.0.2.1", "198.51.100.7"
HOUR_MS = 3_600_000


class Clock:
    now = 1_700_000_000_000

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def guesses(clock):
    return Guesses(clock, address_block)


def is_let_in(guesses, whose=ACME, address=HOME, *, is_trusted=False):
    try:
        guesses.check(whose, address, is_trusted=is_trusted)
    except Refusal:
        return False
    guesses.right(whose, address)
    return True


def try_secrets(guesses, count, whose=ACME, address=STRANGE, first=0):
    """How many of so many different wrong secrets were looked at."""
    looked_at = 0
    for number in range(first, first + count):
        try:
            guesses.check(whose, address, is_trusted=False)
        except Refusal:
            continue
        guesses.wrong(whose, address, f"guess{number}", is_trusted=False)
        looked_at += 1
    return looked_at


def test_after_a_few_tries_a_right_secret_counts_for_nothing_for_a_while(guesses, clock):
    assert try_secrets(guesses, 100) == STRANGER.free + 1
    assert not is_let_in(guesses, address=STRANGE)

    clock.now += 1_000

    assert is_let_in(guesses, address=STRANGE)


def test_in_an_hour_a_stranger_gets_few_tries(guesses, clock):
    looked_at = 0
    for second in range(3_600):
        looked_at += try_secrets(guesses, 3, first=second * 3)
        clock.now += 1_000

    assert looked_at < 20


def test_the_refusal_says_for_how_long(guesses):
    try_secrets(guesses, STRANGER.free + 1)

    with pytest.raises(Refusal) as refusal:
        guesses.check(ACME, STRANGE, is_trusted=False)

    assert refusal.value.code is Code.LOGIN_SLOWED
    assert refusal.value.facts == {"seconds": 1}


def test_strangers_who_guess_do_not_lock_out_an_address_that_knew_the_secret(guesses):
    assert is_let_in(guesses)
    for number in range(200):
        try_secrets(guesses, 10, address=f"10.0.{number}.1", first=number * 10)

    assert is_let_in(guesses)
    assert not is_let_in(guesses, address="203.0.113.99")


def test_nor_one_that_stands_in_the_accounts_list(guesses):
    for number in range(200):
        try_secrets(guesses, 10, address=f"10.0.{number}.1", first=number * 10)

    assert is_let_in(guesses, is_trusted=True)


def test_guessing_at_one_account_does_not_slow_another(guesses):
    for number in range(200):
        try_secrets(guesses, 10, address=f"10.0.{number}.1", first=number * 10)

    assert is_let_in(guesses, OTHER)
    assert is_let_in(guesses, CUSTOMER)


def test_many_addresses_together_get_few_tries_at_an_account(guesses):
    looked_at = sum(try_secrets(guesses, 5, address=f"10.{n >> 8}.{n & 255}.1", first=n * 5) for n in range(1_000))

    assert looked_at == OWNER.free + 1


def test_one_address_gets_few_tries_at_many_accounts(guesses):
    assert sum(try_secrets(guesses, 1, account) for account in range(1_000)) == ADDRESS.free + 1
    assert try_secrets(guesses, 5, None) == 0


def test_names_that_do_not_exist_are_tries_of_the_address(guesses):
    assert try_secrets(guesses, 100, None) == ADDRESS.free + 1
    assert not is_let_in(guesses, address=STRANGE)


def test_a_program_with_an_old_secret_slows_nobody(guesses):
    for _ in range(1_000):
        guesses.wrong(ACME, HOME, "old", is_trusted=False)

    assert is_let_in(guesses)


def test_a_known_address_is_slowed_by_its_own_tries_and_not_for_long(guesses, clock):
    assert is_let_in(guesses)

    assert try_secrets(guesses, 1_000, address=HOME) == KNOWN.free + 1
    assert not is_let_in(guesses)
    for second in range(3_600):
        try_secrets(guesses, 3, address=HOME, first=5_000 + second * 3)
        clock.now += 1_000
    clock.now += KNOWN.pause_most_ms

    assert is_let_in(guesses)


def test_a_network_of_ipv6_is_one_address(guesses):
    assert sum(try_secrets(guesses, 1, address=f"2001:db8:1:2::{number:x}", first=number) for number in range(100)) == (
        STRANGER.free + 1
    )
    assert not is_let_in(guesses, address="2001:db8:1:2:ffff::1")
    assert is_let_in(guesses, address="2001:db8:1:3::1")
    assert is_let_in(guesses, address="no address: a socket of this machine")


def test_an_account_is_known_at_so_many_addresses_at_most(guesses, clock):
    addresses = [f"192.0.2.{number}" for number in range(KNOWN_MOST + 1)]
    for address in addresses:
        assert is_let_in(guesses, address=address)
    for number in range(200):
        try_secrets(guesses, 10, address=f"10.0.{number}.1", first=number * 10)

    assert [is_let_in(guesses, address=address) for address in addresses] == [False] + [True] * KNOWN_MOST


def test_what_is_remembered_is_bounded(clock):
    guesses = Guesses(clock, address_block, most=10)
    for number in range(100):
        try_secrets(guesses, 1, address=f"10.0.0.{number}", first=number)

    assert len(guesses._pairs) == len(guesses._addresses) == 10
    assert not is_let_in(guesses, address="10.0.1.1")  # the account itself is still remembered


def test_everything_is_forgotten_in_time(guesses, clock):
    try_secrets(guesses, 1_000)
    clock.now += HOUR_MS + 1

    assert try_secrets(guesses, 100) == STRANGER.free + 1
