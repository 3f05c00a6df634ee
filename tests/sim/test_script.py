import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.sim.script import ConnectionFault, Script, read_script
from hongyan.sim.tables import TableError


def behaviours(text: str, numbers: list[str], now: float = 0.0):
    script = read_script(text)
    return [script.behaviour(number, now) for number in numbers]


def test_without_rules_everything_is_sound():
    [behaviour] = behaviours("", ["13800138000"])

    assert (behaviour.status, behaviour.is_answered, behaviour.reports, behaviour.stat, behaviour.fault) == (
        0,
        True,
        1,
        "DELIVRD",
        None,
    )


def test_a_rule_meets_the_recipients_it_names():
    text = '[[rule]]\ndo = "refuse"\ncode = 13\nto = "1380013*"'

    assert [behaviour.status for behaviour in behaviours(text, ["13800138000", "13900138000"])] == [13, 0]


def test_after_every_and_times_count_the_submits_that_match():
    text = '[[rule]]\ndo = "double"\nto = "138*"\nafter = 1\nevery = 2\ntimes = 2'
    seen = behaviours(text, ["1380", "1390", "1381", "1382", "1383", "1384", "1385"])

    assert [behaviour.reports for behaviour in seen] == [1, 1, 2, 1, 2, 1, 1]


def test_rules_add_up_and_the_last_code_stands():
    text = json.dumps(
        {
            "rule": [
                {"do": "delay", "seconds": 1},
                {"do": "delay", "seconds": 0.5},
                {"do": "refuse", "code": 1},
                {"do": "refuse", "code": 2},
                {"do": "late", "seconds": 3},
                {"do": "fail", "stat": "MK:0011"},
            ]
        }
    )
    [behaviour] = behaviours(text, ["1"])

    assert (behaviour.answer_after_s, behaviour.status, behaviour.report_after_s, behaviour.stat) == (1.5, 2, 3, "MK:0011")


@pytest.mark.parametrize(
    ("word", "fault"),
    [
        ("disconnect", ConnectionFault.DISCONNECT),
        ("hang", ConnectionFault.HANG),
        ("half-open", ConnectionFault.HALF_OPEN),
        ("garbage", ConnectionFault.GARBAGE),
        ("cut", ConnectionFault.CUT),
        ("drip", ConnectionFault.DRIP),
    ],
)
def test_every_harm_has_its_word(word, fault):
    assert behaviours(f'[[rule]]\ndo = "{word}"', ["1"])[0].fault is fault


@pytest.mark.parametrize("first", [0.0, 0.95], ids=["with the clock's second", "across its end"])
def test_a_throttle_lets_its_rate_pass_each_second_from_its_first_submit(first):
    script = read_script('[[rule]]\ndo = "throttle"\nrate = 2')
    seen = [script.behaviour("1", first + later).is_throttled for later in (0.0, 0.1, 0.9, 1.0, 1.5, 1.6)]

    assert seen == [False, False, True, False, False, True]


def test_chance_is_seeded():
    text = 'seed = 3\n[[rule]]\ndo = "no-report"\nchance = 0.5'
    first, second = (sum(not behaviour.reports for behaviour in behaviours(text, ["1"] * 1000)) for _ in range(2))

    assert first == second
    assert 400 < first < 600


def test_logins_are_refused_ignored_and_then_let_in():
    script = read_script('[[rule]]\ndo = "refuse-login"\ncode = 3\ntimes = 1\n[[rule]]\ndo = "ignore-login"\ntimes = 1')

    assert [script.login("u") for _ in range(3)] == [3, None, 0]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[rule]]\ndo = ", "neither TOML nor JSON"),
        ("{", "neither TOML nor JSON"),
        ("rules = []", "rules"),
        ("rule = 3", "rule"),
        ("seed = 'x'", "seed"),
        ('[[rule]]\ndo = "explode"', "rule 1: `do` is one of"),
        ('[[rule]]\ndo = "refuse"', "rule 1: refuse needs code"),
        ('[[rule]]\ndo = "drip"\nmuch = 1', "unknown key `much`"),
        ('[[rule]]\ndo = "refuse"\ncode = "8"', "`code` is '8', not int"),
        ('[[rule]]\ndo = "refuse"\ncode = true', "`code` is True, not int"),
        ('[[rule]]\ndo = "spell"\nanswer = "hex"\nreport = "octal"', "answer and report"),
        ('[[rule]]\ndo = "drip"\nevery = 0', "`every` below 1"),
        ('[[rule]]\ndo = "drip"\n[[rule]]\ndo = "drip"\nchance = 2.0', "rule 2: .* chance"),
    ],
)
def test_a_script_that_cannot_be_followed_says_why(text, why):
    with pytest.raises(TableError, match=why):
        read_script(text)


@given(st.text(max_size=200))
def test_whatever_is_written_is_a_script_or_a_table_error(text):
    try:
        script = read_script(text)
    except TableError:
        return
    assert isinstance(script, Script)


def test_a_rule_may_meet_one_part_of_a_long_text():
    script = read_script('[[rule]]\ndo = "fail"\nstat = "UNDELIV"\npart = 2')

    assert [script.behaviour("1", 0.0, part).stat for part in (1, 2, 3)] == ["DELIVRD", "UNDELIV", "DELIVRD"]


def test_a_signature_of_the_carrier_needs_its_text_and_the_code_of_refusal():
    with pytest.raises(TableError, match="sign needs code"):
        read_script('[[rule]]\ndo = "sign"\ntext = "【移动】"')
