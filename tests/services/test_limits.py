"""Limits over what was sent before, on either engine: two that no installation has, in one commit, over commits and at release."""

import pytest
from tests.scene import HOUR_MS, NOW, POINTS, mobiles

from hongyan.model.message import MessageState
from hongyan.model.refusal import Code, Refusal
from hongyan.model.usage import UsageKey
from hongyan.policy.admission.table import RuleScope
from hongyan.policy.limits import Limit
from hongyan.policy.release import AT_ONCE
from hongyan.services.steps.accept import accept
from hongyan.services.steps.pruning import Prune, Pruned
from hongyan.services.steps.release import release

FIRST, SECOND = mobiles(2)
PHONE = Limit(
    Code.NUMBER_LISTED,
    RuleScope.NUMBER,
    lambda asked, phone: UsageKey((asked.at_ms // HOUR_MS + 1) * HOUR_MS, asked.account.id, "phone", phone),
    lambda _: 2,
)
ACCOUNT = Limit(
    Code.NUMBERS_MANY,
    RuleScope.SUBMISSION,
    lambda asked, _: UsageKey((asked.at_ms // HOUR_MS + 1) * HOUR_MS, asked.account.id, "account", 0),
    lambda _: 15,
)
LIMITS = (ACCOUNT, PHONE)


@pytest.fixture
def take(scene):
    def take(*admissions, limits=LIMITS):
        return scene.within(
            lambda tx: accept(
                tx,
                admissions,
                now_ms=scene.now,
                ids=scene.ids,
                snapshot=scene.snapshot,
                parcel_messages=500,
                limits=limits,
            )
        )

    return take


@pytest.fixture
def released(scene):
    def released():
        (one,) = scene.within(
            lambda tx: release(
                tx, [None], snapshot=scene.snapshot, ids=scene.ids, now_ms=scene.now, parcel_messages=500, limits=LIMITS
            )
        )
        return one

    return released


def test_a_number_beyond_its_limit_is_rejected_and_the_others_go_on(scene, take):
    for _ in range(2):
        assert take(scene.admission(numbers=[FIRST]))[0].count == 1

    (answer,) = take(scene.admission(numbers=["1", FIRST, SECOND]))

    assert (answer.count, answer.balance) == (1, POINTS - 3)
    assert answer.rejected == [("1", Code.NUMBER_BAD), (FIRST, Code.NUMBER_LISTED)]
    assert scene.books_balance()


def test_those_of_one_batch_count_too_and_when_no_number_is_left_it_is_refused(scene, take):
    answers = take(*(scene.admission(numbers=[FIRST]) for _ in range(3)))

    assert [isinstance(answer, Refusal) for answer in answers] == [False, False, True]
    assert (answers[2].code, answers[2].rejected) == (Code.NUMBER_LISTED, [(FIRST, Code.NUMBER_LISTED)])
    assert len(scene.rows("message")) == 2


def test_the_next_hour_counts_anew_and_the_counts_of_the_last_one_go(scene, take):
    for _ in range(2):
        take(scene.admission(numbers=[FIRST]))
    scene.now += HOUR_MS

    assert take(scene.admission(numbers=[FIRST]))[0].count == 1
    assert sum(row["times"] for row in scene.rows("usage")) == 6
    scene.ask(scene.steps.prune, Prune(Pruned.USAGE, scene.now))
    assert {row["times"] for row in scene.rows("usage")} == {1}


def test_what_is_refused_for_its_balance_is_not_counted(scene, take):
    (answer,) = take(scene.admission(numbers=mobiles(POINTS + 1)), limits=(PHONE,))

    assert answer.code is Code.BALANCE_SHORT
    assert {row["times"] for row in scene.rows("usage")} <= {0}


def test_a_submission_beyond_a_limit_is_refused_whole_also_when_it_waits(scene, take):
    at_ms = NOW + HOUR_MS
    answers = take(
        *(scene.admission("post", mobiles(count), send_at_ms=at_ms) for count in (10, 6, 5)),
        scene.admission("post", mobiles(3), send_at_ms=at_ms + HOUR_MS),
    )

    assert [answer.code if isinstance(answer, Refusal) else answer.count for answer in answers] == [
        10,
        Code.NUMBERS_MANY,
        5,
        3,
    ]
    assert len(scene.rows("usage")) == 2


def test_numbers_of_a_task_that_waits_are_judged_and_counted_at_its_release(scene, take, released):
    take(scene.admission("delivered", mobiles(2), send_at_ms=NOW + 1))
    assert [row["rule"] for row in scene.rows("usage")] == ["account"]
    for _ in range(2):
        take(scene.admission("delivered", [FIRST]))
    scene.now += 1

    one = released()

    assert (one.count, one.owed) == (2, {scene.account("delivered").id})
    assert scene.states().count(MessageState.FAILED) == 1
    assert [r.code for r in scene.pull("delivered")] == ["1109"]
    assert scene.points("delivered") == POINTS - 3
    assert sorted(row["times"] for row in scene.rows("usage") if row["rule"] == "phone") == [1, 2]


def test_no_limit_asks_for_nothing(scene):
    scene.send(numbers=mobiles(AT_ONCE))
    assert scene.rows("usage") == []
