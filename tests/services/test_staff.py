"""The staff and their sessions, on both engines."""

import orjson
import pyotp
import pytest
from tests.scene import SEALER

from hongyan.model.errors import Conflict, Forbidden, Invalid, NotFound
from hongyan.model.staff import Origin, Role, StaffChange, Stage
from hongyan.services.admin import second_factor, sessions, staff
from hongyan.services.admin.bearer import Bearer, new_bearer
from hongyan.services.admin.sessions import SESSIONS_MOST, UNPROVED_MS, SessionRule

RULE = SessionRule(idle_ms=1_800_000, age_most_ms=43_200_000, asks_second_factor=True)
HERE = Origin("203.0.113.7", "browser" * 100)
MINUTE_MS = 60_000


def act(scene, change, *args, **more):
    return scene.within(lambda tx: change(tx, scene.act(), *args, **more))


def read(scene, query, *args):
    return scene.within(lambda tx: query(tx, *args))


def add(scene, name="nightshift", role=Role.READ_ONLY):
    return act(scene, staff.add_staff, name, StaffChange(role=role), new_bearer())


def come_in(scene, name="nightshift"):
    bearer = new_bearer()
    act(scene, sessions.open_session, name, bearer, HERE, RULE)
    return bearer


def found(scene, bearer):
    return read(scene, sessions.find_session, bearer, scene.now, RULE)


def test_somebody_is_added_with_a_link_and_nothing_that_opens_is_shown_or_audited(scene):
    link = new_bearer()
    assert act(scene, staff.add_staff, "Li.Hua@x", StaffChange(role="finance"), link) == "li.hua@x"
    act(scene, staff.use_invitation, link, "$argon2id$hash")

    (row,) = read(scene, staff.staff)
    assert (row["name"], row["role"], row["has_password"], row["state"]) == ("li.hua@x", "finance", True, "live")
    assert not {"password", "invitation", "totp", "recovery"} & set(row)
    audit = [one for one in scene.rows("audit") if one["action"].startswith("staff.")]
    assert [one["action"] for one in audit] == ["staff.add", "staff.password"]
    assert "argon2" not in orjson.dumps([[one["before"], one["after"]] for one in audit]).decode()


@pytest.mark.parametrize("name", ["", "x", "-x", "two words", "x" * 65, "李华", "a/b"])
def test_what_one_logs_in_with_is_short_and_plain(scene, name):
    with pytest.raises(Invalid):
        add(scene, name)


def test_a_name_is_taken_once(scene):
    add(scene)
    with pytest.raises(Conflict):
        add(scene, "NIGHTSHIFT")


def test_the_first_one_is_an_administrator_and_is_invited_until_the_password_is_set(scene):
    first, second = new_bearer(), new_bearer()
    assert act(scene, staff.found_staff, first) == "admin"
    assert act(scene, staff.found_staff, second) == "admin"
    with pytest.raises(NotFound):
        act(scene, staff.use_invitation, first, "hash")
    act(scene, staff.use_invitation, second, "hash")

    assert act(scene, staff.found_staff, new_bearer()) is None
    assert [row["role"] for row in read(scene, staff.staff)] == ["admin"]


def test_a_link_opens_once_and_for_three_days(scene):
    link = new_bearer()
    act(scene, staff.add_staff, "nightshift", StaffChange(), link)
    act(scene, staff.invite, "nightshift", newer := new_bearer())
    with pytest.raises(NotFound):
        read(scene, staff.invited, link, scene.now)
    scene.now += staff.INVITATION_MS - 1
    assert read(scene, staff.invited, newer, scene.now) == "nightshift"
    scene.now += 1
    for change in (lambda: read(scene, staff.invited, newer, scene.now), lambda: act(scene, staff.use_invitation, newer, "h")):
        with pytest.raises(NotFound):
            change()


@pytest.mark.parametrize("change", [StaffChange(is_stopped=True), StaffChange(role="support")])
def test_the_last_administrator_stays_one(scene, change):
    add(scene, "boss", Role.ADMIN)
    with pytest.raises(Forbidden):
        act(scene, staff.change_staff, "boss", change)
    add(scene, "other", Role.ADMIN)
    act(scene, staff.change_staff, "boss", change)
    with pytest.raises(Forbidden):
        act(scene, staff.change_staff, "other", change)


@pytest.mark.parametrize(
    "change",
    [
        lambda tx, act: staff.change_staff(tx, act, "nightshift", StaffChange(role="support")),
        lambda tx, act: staff.store_password(tx, act, "nightshift", "hash"),
        lambda tx, act: staff.reset_second_factor(tx, act, "nightshift"),
    ],
)
def test_what_changes_somebody_ends_the_sessions(scene, change):
    add(scene)
    add(scene, "other")
    mine, others = come_in(scene), come_in(scene, "other")

    act(scene, change)

    assert (found(scene, mine), found(scene, others) is not None) == (None, True)


def test_a_session_ends_by_idleness_and_by_age(scene):
    add(scene)
    bearer, began = come_in(scene), scene.now
    while scene.now - began < RULE.age_most_ms - RULE.idle_ms:
        scene.now += RULE.idle_ms - 1
        assert found(scene, bearer).is_stale
        act(scene, sessions.touch_session, found(scene, bearer).person.session_id)
        assert not found(scene, bearer).is_stale
    scene.now = began + RULE.age_most_ms
    assert found(scene, bearer) is None

    idle = come_in(scene)
    scene.now += RULE.idle_ms
    assert found(scene, idle) is None
    assert read(scene, sessions.sessions, scene.now, RULE) == []


def test_a_login_without_its_second_factor_ends_after_ten_minutes(scene):
    add(scene, role=Role.FINANCE)
    bearer = come_in(scene)
    scene.now += UNPROVED_MS - 1
    assert found(scene, bearer).person.stage is Stage.ENROL
    scene.now += 1
    assert found(scene, bearer) is None


def test_one_person_has_so_many_sessions_and_the_oldest_makes_room(scene):
    add(scene)
    bearers = []
    for _ in range(SESSIONS_MOST + 2):
        scene.now += 1
        bearers.append(come_in(scene))

    assert [found(scene, bearer) is not None for bearer in bearers] == [False, False, *([True] * SESSIONS_MOST)]
    assert len(scene.rows("session")) == SESSIONS_MOST
    assert len(scene.rows("session")[0]["agent"]) == 200


def test_the_store_holds_no_cookie(scene):
    add(scene)
    bearer = come_in(scene)

    (row,) = scene.rows("session")
    assert bytes(row["token"]) == bearer.digest
    assert found(scene, Bearer(bearer.plain[:-1])) is None
    assert bearer.plain not in repr(bearer)


def test_a_second_factor_is_set_up_shown_and_recovered(scene):
    add(scene, role=Role.ADMIN)
    bearer = come_in(scene)
    person = found(scene, bearer).person
    secret = act(scene, second_factor.offer, person.session_id, SEALER)
    totp = pyotp.TOTP(secret)
    codes = act(scene, second_factor.confirm, person, totp.at(scene.now // 1000), SEALER)
    act(scene, sessions.prove_session, person.session_id, newer := new_bearer(), RULE)

    assert (found(scene, bearer), found(scene, newer).person.stage) == (None, Stage.IN)
    again = found(scene, come_in(scene)).person
    assert again.stage is Stage.CODE
    with pytest.raises(Forbidden):
        act(scene, second_factor.show_code, again, totp.at(scene.now // 1000), SEALER)
    assert act(scene, second_factor.show_code, again, codes[3], SEALER) == 9
    with pytest.raises(Forbidden):
        act(scene, second_factor.show_code, again, codes[3], SEALER)
    scene.now += 30_000
    act(scene, second_factor.show_code, again, totp.at(scene.now // 1000), SEALER)
    (row,) = scene.rows("staff")
    assert secret.encode() not in bytes(row["totp"])
    assert codes[0] not in row["recovery"]


def test_logins_leave_the_configuration_as_it_was(scene):
    """Processes load accounts and channels anew when its version grows: a login is no reason."""
    before = scene.within(lambda tx: tx.config_version())
    add(scene)
    come_in(scene)
    assert scene.within(lambda tx: tx.config_version()) == before
