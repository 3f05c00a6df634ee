"""Roles, passwords and second factors of staff."""

import pyotp
import pytest

from hongyan.model.errors import Invalid
from hongyan.model.staff import Permission, Role, Staff, Stage
from hongyan.policy.passwords import check_password
from hongyan.policy.permissions import ROLES, asks_second_factor, permissions_of, stage_of
from hongyan.policy.second_factor import STEP_MS, recovery_digest, recovery_word, step_of_code

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, appendix B: 12345678901234567890


def test_every_role_sees_and_only_the_administrator_changes_people():
    assert all(Permission.SEE in permissions for permissions in ROLES.values())
    assert [role for role in Role if Permission.STAFF in ROLES[role]] == [Role.ADMIN]
    assert ROLES[Role.READ_ONLY] == {Permission.SEE}
    assert [role for role in Role if Permission.MONEY in ROLES[role]] == [Role.ADMIN, Role.FINANCE]
    assert Permission.PHONES not in ROLES[Role.SUPPORT]


def test_roles_that_touch_money_or_secrets_are_asked_for_a_second_factor():
    assert [role for role in Role if asks_second_factor(role)] == [Role.ADMIN, Role.OPERATIONS, Role.FINANCE]


@pytest.mark.parametrize(
    ("role", "has_factor", "is_proved", "asks", "stage"),
    [
        (Role.ADMIN, False, False, True, Stage.ENROL),
        (Role.ADMIN, False, False, False, Stage.IN),
        (Role.ADMIN, True, False, True, Stage.CODE),
        (Role.ADMIN, True, False, False, Stage.CODE),
        (Role.ADMIN, True, True, True, Stage.IN),
        (Role.SUPPORT, False, False, True, Stage.IN),
        (Role.SUPPORT, True, False, True, Stage.CODE),
    ],
)
def test_how_far_a_password_brings_somebody(role, has_factor, is_proved, asks, stage):
    somebody = Staff(1, "x", role, has_second_factor=has_factor)

    assert stage_of(somebody, is_proved=is_proved, asks=asks) is stage
    assert permissions_of(role, stage) == (ROLES[role] if stage is Stage.IN else frozenset())


@pytest.mark.parametrize(("at_s", "code"), [(59, "287082"), (1111111109, "081804"), (2000000000, "279037")])
def test_codes_are_those_of_the_standard(at_s, code):
    assert step_of_code(SECRET, code, 0, at_s * 1000) == at_s // 30


def test_a_code_holds_for_a_clock_that_is_a_step_off_and_once():
    now_ms = 1_770_000_000_000
    step = now_ms // STEP_MS
    codes = {off: pyotp.TOTP(SECRET).generate_otp(step + off) for off in range(-2, 3)}

    assert [off for off, code in codes.items() if step_of_code(SECRET, code, 0, now_ms)] == [-1, 0, 1]
    assert step_of_code(SECRET, f"{codes[0][:3]} {codes[0][3:]}", 0, now_ms) == step
    assert step_of_code(SECRET, codes[0], step, now_ms) is None
    assert step_of_code(SECRET, codes[-1], step, now_ms) is None
    assert step_of_code(SECRET, codes[1], step, now_ms) == step + 1


def test_a_clock_that_was_put_back_locks_nobody_out_and_a_code_still_counts_once():
    now_ms, ahead = 1_770_000_000_000, 2 * 24 * 120  # the last code was used at a clock that was a day ahead, or two
    step = now_ms // STEP_MS
    code = pyotp.TOTP(SECRET).generate_otp(step)

    assert step_of_code(SECRET, code, step + ahead, now_ms) == step
    assert step_of_code(SECRET, code, step, now_ms) is None
    assert step_of_code(SECRET, code, step + 1, now_ms) is None  # as far as clocks may be off, it may have been used


@pytest.mark.parametrize("code", ["", "12345", "一二三四五六", "\ud800", "0" * 10_000])
def test_what_is_no_code_is_wrong(code):
    assert step_of_code(SECRET, code, 0, 1_770_000_000_000) is None
    assert len(recovery_digest(code)) == 64


def test_a_recovery_code_is_read_however_it_is_typed():
    word = recovery_word(bytes.fromhex("1f2e3d4c5b6a7988"))

    assert word == "1f2e-3d4c-5b6a-7988"
    assert len({recovery_digest(typed) for typed in (word, " 1F2E3D4C 5B6A7988 ", "1f2e 3d4c-5b6a7988")}) == 1


@pytest.mark.parametrize("password", ["", "short", "x" * 129, "aaaaaaaaaaaa", "abababababab", "the admin of all"])
def test_a_password_that_anybody_guesses_is_refused(password):
    with pytest.raises(Invalid):
        check_password("Admin", password)


@pytest.mark.parametrize("password", ["correct horse", "密码要长一点才好记得住", "x7#" * 5 + "yz"])
def test_a_long_password_is_taken_whatever_it_holds(password):
    check_password("admin", password)
