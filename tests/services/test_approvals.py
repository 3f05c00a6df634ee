"""What waits for a second person, tokens of programs, and what is done once, on both engines."""

from threading import Barrier, Thread

import pytest
from tests.scene import POINTS, Scene

from hongyan.model.account import Product
from hongyan.model.act import Act, Actor
from hongyan.model.approval import AloneRule, ApprovalState
from hongyan.model.errors import Conflict, Forbidden, Invalid, NotFound
from hongyan.model.money import MoneyChange, MoneyKind
from hongyan.model.staff import Permission, Role
from hongyan.model.token import TokenChange
from hongyan.services.admin import approvals, tokens
from hongyan.services.admin.bearer import new_bearer
from hongyan.services.admin.idempotency import IdempotencyKey, once
from hongyan.services.queries.lists.listing import NEWEST

RULE = AloneRule(points_most=1_000, prices=False)
MAKER, DECIDER, ROOT = Actor("staff", "maker"), Actor("staff", "decider"), Actor("cli", "root")
LARGE = MoneyChange(MoneyKind.TOP_UP, "pre", 1_001)


def act(scene, actor, service, *args):
    return scene.within(lambda tx: service(tx, Act(actor, scene.now, scene.ids), *args))


def listed(tx, state=None):
    return approvals.approvals(tx, NEWEST, 10, state)


def ask(scene, change, actor=MAKER, rule=RULE):
    return act(scene, actor, approvals.make_or_ask, change, rule)


@pytest.mark.parametrize(
    ("change", "actor", "waits"),
    [
        (MoneyChange(MoneyKind.TOP_UP, "pre", 1_000), MAKER, False),
        (LARGE, MAKER, True),
        (LARGE, Actor("token", "billing"), True),
        (LARGE, ROOT, False),
        (MoneyChange(MoneyKind.ADJUST, "pre", 1_001, note="why"), MAKER, True),
        (MoneyChange(MoneyKind.ADJUST, "pre", -1_001, note="why"), MAKER, False),
        (MoneyChange(MoneyKind.CREDIT, "post", 1_001), MAKER, True),
        (MoneyChange(MoneyKind.CREDIT, "post", 7), MAKER, False),
        (MoneyChange(MoneyKind.PRICE, "pre", 1), MAKER, True),
        (MoneyChange(MoneyKind.PRICE, "pre", 1), ROOT, False),
    ],
)
def test_what_one_person_may_do_alone(scene, change, actor, waits):
    made = ask(scene, change, actor)

    assert (made.waits is not None) is waits
    assert [row["state"] for row in scene.rows("approval")] == (["waiting"] if waits else [])
    assert scene.books_balance()


def test_a_large_top_up_is_made_when_a_second_person_approves_and_once(scene):
    made = ask(scene, LARGE)
    assert scene.points("pre") == POINTS
    with pytest.raises(Forbidden):
        act(scene, MAKER, approvals.approve, made.waits)

    assert act(scene, DECIDER, approvals.approve, made.waits).balance == POINTS + 1_001

    for decide, more in ((approvals.approve, ()), (approvals.reject, ("late",))):
        with pytest.raises(Conflict):
            act(scene, ROOT, decide, made.waits, *more)
    assert scene.points("pre") == POINTS + 1_001
    (row,) = scene.within(listed)
    assert (row["state"], row["maker"], row["decider"], row["points"]) == ("approved", "staff:maker", "staff:decider", 1_001)
    assert [one["actor"] for one in scene.rows("audit") if one["action"].startswith("approval")] == [
        "staff:maker",
        "staff:decider",
    ]
    assert scene.books_balance()


def test_a_price_waits_and_the_command_line_may_be_the_second_person(scene):
    made = ask(scene, MoneyChange(MoneyKind.PRICE, "pre", 3, Product.SMS, "+852"))
    assert scene.rows("price") == []

    act(scene, ROOT, approvals.approve, made.waits)

    assert [(row["carrier"], row["points"]) for row in scene.rows("price")] == [("+852", 3)]


def test_the_person_who_asked_may_take_it_back(scene):
    made = ask(scene, LARGE)
    act(scene, MAKER, approvals.reject, made.waits, "one zero too many")

    (row,) = scene.within(lambda tx: listed(tx, ApprovalState.REJECTED))
    assert (row["reason"], scene.points("pre")) == ("one zero too many", POINTS)
    assert scene.within(lambda tx: listed(tx, ApprovalState.WAITING)) == []


def test_nobody_approves_by_a_program_of_ones_own(scene):
    """The token's maker cannot approve what the token asked for, even after the token is gone; and tokens approve nothing."""
    act(scene, MAKER, tokens.add_token, TokenChange(name="billing", role=Role.FINANCE, days=7), new_bearer())
    made = ask(scene, LARGE, Actor("token", "billing"))
    act(scene, MAKER, tokens.revoke_token, "billing")

    for actor in (MAKER, Actor("token", "billing"), Actor("token", "other")):
        with pytest.raises(Forbidden):
            act(scene, actor, approvals.approve, made.waits)
    act(scene, DECIDER, approvals.approve, made.waits)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ((MoneyKind.TOP_UP, "nobody", 5_000), NotFound),
        ((MoneyKind.TOP_UP, "pre", 10**12 + 1), Invalid),
        ((MoneyKind.PRICE, "pre", -1), Invalid),
        ((MoneyKind.ADJUST, "pre", 5_000), Invalid),
    ],
)
def test_what_could_never_be_made_does_not_wait(scene, change, why):
    with pytest.raises(why):
        ask(scene, MoneyChange(*change))
    assert scene.rows("approval") == []


def test_a_change_that_cannot_be_made_any_more_still_waits(scene):
    made = ask(scene, MoneyChange(MoneyKind.TOP_UP, "pre", 5_000, Product.SMS))
    scene.within(lambda tx: tx.change_row("account", 1, name="renamed"))

    with pytest.raises(NotFound):
        act(scene, DECIDER, approvals.approve, made.waits)
    assert [row["state"] for row in scene.rows("approval")] == ["waiting"]


def test_of_two_who_decide_at_the_same_moment_one_does(furnished_store):
    """The second one waits for the first, and finds it decided."""
    scene = Scene(furnished_store)
    waits = ask(scene, LARGE).waits
    both_there, said = Barrier(2), []

    def decide(who, service, *args):
        both_there.wait(20)
        try:
            with furnished_store.transaction() as tx:
                said.append(service(tx, Act(Actor("staff", who), scene.now, scene.ids), waits, *args))
        except Conflict as conflict:
            said.append(conflict)

    threads = [
        Thread(target=decide, args=("one", approvals.approve)),
        Thread(target=decide, args=("two", approvals.reject, "no")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    (row,) = scene.rows("approval")
    assert sum(isinstance(one, Conflict) for one in said) == 1
    assert scene.points() == POINTS + (LARGE.points if row["decider"] == "staff:one" else 0)
    assert scene.books_balance()
    scene.close()


def test_what_is_not_there_cannot_be_decided(scene):
    with pytest.raises(NotFound):
        act(scene, DECIDER, approvals.approve, 7)


def test_a_token_opens_what_its_role_permits_until_it_ends_or_is_revoked(scene):
    bearer = new_bearer(tokens.PREFIX)
    act(scene, MAKER, tokens.add_token, TokenChange(name="billing", role=Role.FINANCE, days=7), bearer)

    def holder():
        return scene.within(lambda tx: tokens.find_holder(tx, bearer, scene.now))

    assert (str(holder().actor), Permission.MONEY in holder().permissions, holder().is_stale) == ("token:billing", True, True)
    act(scene, MAKER, tokens.touch_token, holder().token_id)
    assert not holder().is_stale
    (row,) = scene.within(lambda tx: tokens.tokens(tx, scene.now))
    assert (row["maker"], row["used_ms"], row["state"], "digest" in row) == ("staff:maker", scene.now, "live", False)
    assert bearer.plain.encode() not in bytes(scene.rows("token")[0]["digest"])
    with pytest.raises(Conflict):
        act(scene, MAKER, tokens.add_token, TokenChange(name="billing", role=Role.ADMIN, days=7), new_bearer())

    scene.now += 7 * 86_400_000
    assert holder() is None
    scene.now -= 1
    assert holder() is not None
    act(scene, DECIDER, tokens.revoke_token, "billing")
    assert holder() is None
    with pytest.raises(NotFound):
        act(scene, DECIDER, tokens.revoke_token, "billing")


def test_under_one_key_a_change_is_made_once_and_answers_alike(scene):
    def top_up(tx, act, change):
        return {"points": approvals.make_or_ask(tx, act, change, RULE).balance}

    key = IdempotencyKey("token:billing", "a key", b'{"points": 5}')
    small = MoneyChange(MoneyKind.TOP_UP, "pre", 5)
    answers = [act(scene, MAKER, once, key, top_up, small) for _ in range(3)]

    assert answers == [{"points": POINTS + 5}] * 3
    assert scene.points("pre") == POINTS + 5
    with pytest.raises(Conflict):
        act(scene, MAKER, once, IdempotencyKey("token:billing", "a key", b'{"points": 6}'), top_up, small)
    assert act(scene, MAKER, once, IdempotencyKey("token:other", "a key", b"x"), top_up, small) == {"points": POINTS + 10}
    assert scene.books_balance()


def test_a_refused_change_leaves_its_key_free(scene):
    def refuse(tx, act):
        raise Forbidden("no")

    key = IdempotencyKey("token:billing", "a key", b"x")
    with pytest.raises(Forbidden):
        act(scene, MAKER, once, key, refuse)
    assert act(scene, MAKER, once, key, lambda tx, act: {"done": True}) == {"done": True}


def test_answers_are_forgotten_in_time(scene):
    act(scene, MAKER, once, IdempotencyKey("x", "y", b"z"), lambda tx, act: {})

    assert scene.within(lambda tx: (tx.prune_done_once(scene.now), tx.prune_done_once(scene.now + 1))) == (0, 1)
