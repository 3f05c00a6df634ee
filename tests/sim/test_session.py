"""A simulated customer on a session: at the protocol server, with every step that it knows."""

import asyncio

import pytest
from tests.sessions.platform import CMPP, SMPP, Platform, listener, opened, report
from tests.sim.client import SECRET, USER

from hongyan.sim.session import SessionSim
from hongyan.sim.steps import STEP_ACTIONS, Step, read_steps
from hongyan.sim.tables import TableError


def play(protocol, steps, **settings):
    platform = Platform(listener(SMPP if protocol == "smpp" else CMPP), **settings)

    async def whole():
        async with opened(platform) as there:
            sim = SessionSim(protocol, there.host, there.port, USER, SECRET)
            running = asyncio.ensure_future(sim.run(steps))
            await there.until(lambda: platform.sessions or running.done())  # the sessions of some steps are over at once
            platform.owe(*(report(n) for n in range(1, 6)))
            return await running

    return platform, asyncio.run(whole())


@pytest.mark.parametrize("protocol", ["smpp", "cmpp2", "cmpp3"])
def test_it_submits_and_answers_what_it_is_delivered(protocol):
    platform, counts = play(protocol, [Step("submit", count=20), Step("wait", seconds=0.2)])

    assert (counts.logins, counts.accepted, counts.refused) == (1, 20, 0)
    assert [list(one.numbers) for one in platform.submissions[:2]] == [["13800000000"], ["13800000001"]]
    assert len(platform.delivered_items) == counts.delivered == 5


def test_its_faults_are_survived_and_the_next_step_finds_a_new_connection():
    faults = [Step(do, count=30, seconds=0.05) for do in ("foreign", "garbage", "flood", "disconnect", "logout", "drip")]
    platform, counts = play("smpp", [*faults, Step("submit", count=3)], window_in=5)

    assert counts.logins == 4
    assert counts.ends == 1
    assert counts.refused > 0
    assert platform.submissions[-1].text == "您好"


def test_it_binds_again_and_again_and_says_what_octets_it_is_given():
    platform, counts = play("smpp", [Step("binds", count=5), Step("garbage", octets="00000000"), Step("submit")])

    assert (counts.logins, counts.ends, counts.accepted) == (7, 1, 1)
    assert platform.log_ins == 7


def test_what_it_does_not_answer_and_what_it_refuses_is_not_delivered():
    platform, _ = play("smpp", [Step("refuse", code=8), Step("wait", seconds=0.2)])
    silent, _ = play("smpp", [Step("silent"), Step("wait", seconds=0.2)])

    assert (len(platform.refused_items), len(silent.refused_items)) == (5, 0)
    assert platform.delivered_items == silent.delivered_items == []


def test_a_file_of_steps_is_read():
    steps = read_steps('[[step]]\ndo = "submit"\ncount = 3\nrate = 5\n[[step]]\ndo = "silent"\n')

    assert steps == [Step("submit", count=3, rate=5), Step("silent")]
    assert read_steps('{"step": [{"do": "wait", "seconds": 2}]}') == [Step("wait", seconds=2)]
    assert {step.do for step in map(Step, STEP_ACTIONS)} == set(STEP_ACTIONS)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no [[step]]"),
        ("step = 3", "no [[step]]"),
        ("[[step", "neither TOML nor JSON"),
        ('[[step]]\ndo = "fly"', "`do` is one of"),
        ('[[step]]\ndo = "wait"\nrate = 3', "wait knows no rate"),
        ('[[step]]\ndo = "submit"\ncount = "x"', "`count` is 'x', not int"),
        ('[[step]]\ndo = "submit"\ncount = true', "`count` is True, not int"),
        ('[[step]]\ndo = "garbage"\noctets = "0g"', "octets are not '0g'"),
    ],
)
def test_a_file_that_makes_no_sense_says_why(text, why):
    with pytest.raises(TableError, match=None) as raised:
        read_steps(text)

    assert why in str(raised.value)
