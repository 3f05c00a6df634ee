"""All rules of admission, in the order in which they judge; the first that refuses is the answer.

A new rule is a file beside this one and a row here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, Flag, auto

from hongyan.model.refusal import Refusal
from hongyan.model.submission import Submission
from hongyan.policy.admission import (
    binary,
    black_list,
    content,
    cost,
    count,
    extno,
    length,
    mms,
    phones,
    product,
    route,
    sending_time,
    signature,
    sql,
    words,
)
from hongyan.policy.admission.context import AdmissionContext, Judge


class RuleScope(Enum):
    """What a rule judges."""

    SUBMISSION = auto()  # the submission as a whole
    TEXT = auto()  # the text, with the submission; if every number has its own, each of them, with its number
    NUMBER = auto()  # each number that is left


class Content(Flag):
    TEXT = auto()
    BINARY = auto()
    MMS = auto()
    ANY = TEXT | BINARY | MMS


@dataclass(frozen=True, slots=True)
class Rule:
    judge: Judge
    judges: RuleScope
    content: Content = Content.ANY
    is_repeated: bool = False  # whether it judges again when a task is released


RULES = (
    Rule(product.judge, RuleScope.SUBMISSION),
    Rule(count.judge, RuleScope.SUBMISSION),
    Rule(mms.judge, RuleScope.SUBMISSION, Content.MMS),
    Rule(binary.judge, RuleScope.SUBMISSION, Content.BINARY),
    Rule(content.judge, RuleScope.TEXT, Content.TEXT),
    Rule(length.judge, RuleScope.TEXT, Content.TEXT),
    Rule(sql.judge, RuleScope.TEXT, Content.TEXT),
    Rule(words.judge, RuleScope.TEXT, Content.TEXT | Content.MMS),
    Rule(signature.judge, RuleScope.TEXT, Content.TEXT),
    Rule(extno.judge, RuleScope.SUBMISSION, is_repeated=True),
    Rule(sending_time.judge, RuleScope.SUBMISSION),
    Rule(phones.judge, RuleScope.SUBMISSION),
    Rule(black_list.judge, RuleScope.NUMBER, is_repeated=True),
    Rule(route.judge, RuleScope.NUMBER, is_repeated=True),
    Rule(cost.judge, RuleScope.NUMBER),
)


def _judges(rules: Iterable[Rule], content: Content) -> tuple[Judge, ...]:
    return tuple(rule.judge for rule in rules if content in rule.content)


_OF_TEXT = [rule for rule in RULES if rule.judges is RuleScope.TEXT]
_OF_NUMBERS = [rule for rule in RULES if rule.judges is RuleScope.NUMBER]
_TEXT_EACH = _judges(_OF_TEXT, Content.TEXT)


def _each_text(context: AdmissionContext) -> None:
    """Judge by the rules about texts, for numbers with texts of their own. A number whose text is refused is rejected."""
    assert context.texts is not None
    for phone, text in context.texts.items():
        context.text = text
        try:
            for judge in _TEXT_EACH:
                judge(context)
        except Refusal as refusal:
            context.reject(phone, refusal)
        context.texts[phone] = context.text
    context.phones = [phone for phone in context.phones if phone not in context.failed]


_TEXT, _BINARY, _MMS = (_judges(RULES, content) for content in (Content.TEXT, Content.BINARY, Content.MMS))
_TEXTS = (
    *_judges([rule for rule in RULES if rule.judges is RuleScope.SUBMISSION], Content.TEXT),
    _each_text,
    *_judges(_OF_NUMBERS, Content.TEXT),
)

AT_RELEASE = tuple(rule.judge for rule in RULES if rule.is_repeated)
"""The rules for a release. The cost of the task was settled when it was accepted."""


def rules_for(submission: Submission) -> tuple[Judge, ...]:
    """Returns the rules that judge a submission, in their order."""
    if submission.mms is not None:
        return _MMS
    if submission.binary is not None:
        return _BINARY
    return _TEXT if submission.texts is None else _TEXTS


def halves_for(submission: Submission) -> tuple[tuple[Judge, ...], tuple[Judge, ...]]:
    """Returns the same in two parts: the rules about the submission and its one text, and those about its numbers, beginning
    with `phones`.
    """
    rules = rules_for(submission)
    place = rules.index(phones.judge)
    return rules[:place], rules[place:]
