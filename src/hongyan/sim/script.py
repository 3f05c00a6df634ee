"""The faults of a simulated carrier, as a list of rules in TOML or JSON: which submits they meet, and what becomes of those.

    seed = 7

    [[rule]]
    do = "refuse"      # answer with this code
    code = 13
    to = "1380013*"    # only these recipients; a shell pattern
    after = 100        # let so many pass first
    every = 10         # then meet every tenth
    times = 5          # and stop after five
    chance = 0.5       # of those, by the seeded dice
    part = 2           # only the second part of a long text

Rules are drawn in their order, and several may meet one submit: `delay` and `double` add up, of two codes the last one
stands. `RULE_ACTIONS` lists what a rule can do and what else it needs.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from fnmatch import fnmatchcase
from typing import Any

from hongyan.adapters.centre import ID_FORMS
from hongyan.sim.tables import TableError, check_kinds, read_tables


class ConnectionFault(Enum):
    """What happens to the connection that brought the submit."""

    DISCONNECT = auto()  # it breaks, with requests unanswered
    HANG = auto()  # it stays open and is read, and nothing is sent any more
    HALF_OPEN = auto()  # it stays open and nobody reads it
    GARBAGE = auto()  # octets that are no frames
    CUT = auto()  # the answer ends in its middle, and so does the connection
    DRIP = auto()  # from now on one octet at a time


@dataclass(slots=True)
class SubmitBehaviour:
    """What becomes of one submit; the defaults are those of a carrier without faults."""

    status: int = 0
    is_throttled: bool = False  # the protocol's own code for "slow down"
    is_answered: bool = True
    answer_after_s: float = 0.0
    reports: int = 1
    report_after_s: float = 0.0  # in addition to the carrier's delay
    stat: str = "DELIVRD"
    is_early: bool = False  # the report comes before the answer
    is_elsewhere: bool = False  # the report comes on another connection
    has_wrong_id: bool = False  # the report names an id that was never given
    answer_form: str = ""  # the spelling of the id, one of ID_FORMS; "" as usual
    report_form: str = ""
    reply: str = ""  # what the handset writes back
    reply_reference: int = 0  # the reference of its parts; 0 takes one that differs
    is_marked_twice: bool = False  # its parts name themselves by a header and by SAR parameters; SMPP only
    stamp: str = ""  # a signature of the carrier's own, which needs room
    stamp_code: int = 0  # the answer if there is no room
    fault: ConnectionFault | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a script; `do` decides which of `code` to `reference` it needs."""

    do: str
    to: str = ""
    after: int = 0
    every: int = 1
    times: int = 0  # 0: no end
    chance: float = 1.0
    code: int = 0
    seconds: float = 0.0
    rate: int = 0
    stat: str = ""
    text: str = ""
    answer: str = ""
    report: str = ""
    part: int = 0  # only this part of a long text; 0: any
    reference: int = 0


RULE_ACTIONS = {  # what a rule can do → the keys it needs
    "refuse-login": ("code",),
    "ignore-login": (),
    "refuse": ("code",),
    "throttle": ("rate",),  # submits a second that pass
    "delay": ("seconds",),  # the answer
    "no-answer": (),
    "disconnect": (),
    "hang": (),
    "half-open": (),
    "garbage": (),
    "cut": (),
    "drip": (),
    "spell": ("answer", "report"),  # ids: one of ID_FORMS each; SMPP only
    "wrong-id": (),
    "fail": ("stat",),
    "no-report": (),
    "late": ("seconds",),  # the report
    "double": (),
    "early": (),
    "elsewhere": (),
    "reply": ("text",),  # `reference`, if given, is in all parts of it
    "mark-twice": (),  # the parts of that reply
    "sign": ("text", "code"),  # behind the last part; refused with the code if there is no room
}
_LOGIN = {"refuse-login", "ignore-login"}
_FAULTS = {fault.name.lower().replace("_", "-"): fault for fault in ConnectionFault}


def read_script(text: str) -> "Script":
    """Reads a script in TOML or JSON. raises: TableError for one that cannot be followed"""
    table = read_tables(text)
    unknown = set(table) - {"seed", "rule"}
    if unknown or not isinstance(table.get("rule", []), list) or not isinstance(table.get("seed", 0), int):
        raise TableError(f"a script has `seed`, a number, and `rule`, a list; not {sorted(unknown) or table}")
    return Script(
        [_read_rule(f"rule {place}", rule) for place, rule in enumerate(table.get("rule", []), 1)], table.get("seed", 0)
    )


def _read_rule(where: str, table: Any) -> Rule:
    """raises: TableError"""
    if not isinstance(table, dict) or table.get("do") not in RULE_ACTIONS:
        raise TableError(f"{where}: `do` is one of {', '.join(RULE_ACTIONS)}")
    check_kinds(table, Rule, where)
    rule = Rule(**table)
    if missing := [name for name in RULE_ACTIONS[rule.do] if name not in table]:
        raise TableError(f"{where}: {rule.do} needs {', '.join(missing)}")
    if rule.do == "spell" and not {rule.answer, rule.report} <= set(ID_FORMS):
        raise TableError(f"{where}: answer and report are each one of {', '.join(ID_FORMS)}")
    if not _is_within_bounds(rule):
        raise TableError(f"{where}: a count below 0, `every` below 1, or a chance outside 0 to 1")
    return rule


def _is_within_bounds(rule: Rule) -> bool:
    counts = (rule.after, rule.times, rule.rate, rule.seconds, rule.part, rule.reference)
    return min(counts) >= 0 and rule.every >= 1 and 0 <= rule.chance <= 1


@dataclass(slots=True)
class _ArmedRule:
    """A rule and how often it was come across."""

    rule: Rule
    seen: int = 0
    used: int = 0
    until: float = 0.0  # when the throttle's second ends
    passed: int = 0

    def meets(self, number: str, dice: random.Random, part: int = 0) -> bool:
        rule = self.rule
        if (rule.to and not fnmatchcase(number, rule.to)) or (rule.part and rule.part != part):
            return False
        self.seen += 1
        is_turn = self.seen > rule.after and (self.seen - rule.after - 1) % rule.every == 0
        if not is_turn or (rule.times and self.used >= rule.times) or (rule.chance < 1 and dice.random() >= rule.chance):
            return False
        self.used += 1
        return True

    def is_full(self, now: float) -> bool:
        """Returns whether this second has its share already. A second begins with its first submit, so a burst always meets the
        rule.
        """
        if now >= self.until:
            self.until, self.passed = now + 1, 0
        self.passed += 1
        return self.passed > self.rule.rate


_SOUND = SubmitBehaviour()


class Script:
    """The state of running rules. The same rules, seed and submits have the same behaviours."""

    def __init__(self, rules: Iterable[Rule] = (), seed: int = 0) -> None:
        armed = [_ArmedRule(rule) for rule in rules]
        self._login = [one for one in armed if one.rule.do in _LOGIN]
        self._submit = [one for one in armed if one.rule.do not in _LOGIN]
        self._dice = random.Random(seed)  # noqa: S311  a simulator's dice are to repeat

    def login(self, user: str) -> int | None:
        """Returns the status of a login, 0 to admit it; None leaves it without an answer."""
        for one in self._login:
            if one.meets(user, self._dice):
                return one.rule.code if one.rule.do == "refuse-login" else None
        return 0

    def behaviour(self, number: str, now: float, part: int = 1) -> SubmitBehaviour:
        """part: of a long text; 1 if it is the only one"""
        if not self._submit:
            return _SOUND
        behaviour = SubmitBehaviour()
        for one in self._submit:
            if one.meets(number, self._dice, part):
                self._apply(behaviour, one, now)
        return behaviour

    @staticmethod
    def _apply(behaviour: SubmitBehaviour, one: _ArmedRule, now: float) -> None:
        rule = one.rule
        match rule.do:
            case "refuse":
                behaviour.status = rule.code
            case "throttle":
                behaviour.is_throttled = behaviour.is_throttled or one.is_full(now)
            case "delay":
                behaviour.answer_after_s += rule.seconds
            case "no-answer":
                behaviour.is_answered = False
            case "spell":
                behaviour.answer_form, behaviour.report_form = rule.answer, rule.report
            case "wrong-id":
                behaviour.has_wrong_id = True
            case "fail":
                behaviour.stat = rule.stat
            case "no-report":
                behaviour.reports = 0
            case "late":
                behaviour.report_after_s += rule.seconds
            case "double":
                behaviour.reports += 1
            case "early":
                behaviour.is_early = True
            case "elsewhere":
                behaviour.is_elsewhere = True
            case "reply":
                behaviour.reply, behaviour.reply_reference = rule.text, rule.reference
            case "mark-twice":
                behaviour.is_marked_twice = True
            case "sign":
                behaviour.stamp, behaviour.stamp_code = rule.text, rule.code
            case _:
                behaviour.fault = _FAULTS[rule.do]
