"""The admit step: judge a submission against the ConfigSnapshot, without I/O; say what it costs and where each number goes.

It walks over the table of rules, `policy.admission.table`. A number that a rule takes out is listed and the others go on; when
none is left, the first one's cause is the answer. Balance and limits are decided by the accept step, with the wallet locked.
"""

from dataclasses import replace

from hongyan.model.refusal import Code, Refusal
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Admission, Submission
from hongyan.policy.admission.case import Case
from hongyan.policy.admission.table import rules_for

MOST_SHOWN = 64
"""Characters of a rejected number that are kept as written."""


def admit(snapshot: ConfigSnapshot, submission: Submission, now_ms: int) -> Admission:
    """What the rules make of a submission: an Admission in which each number stands once, in the order of the request.

    raises: Refusal of the first rule that refuses the submission; the first number's cause when none is left
    """
    case = Case(snapshot, submission, now_ms, [])
    for judge in rules_for(submission):
        judge(case)
    rejected = _rejected(case) if case.failed or None in case.read else []
    if not case.phones:
        raise Refusal.of_all(rejected)
    texts = None if case.texts is None else [case.texts[phone] for phone in case.phones]
    if texts is None and case.text is not submission.text:
        submission = replace(submission, text=case.text)
    return Admission(submission, case.phones, texts, case.channels, case.segments, case.points, rejected, sum(case.points))


def _rejected(case: Case) -> list[tuple[str, Code]]:
    """What was not taken, in the order of the request: wrong numbers each time they stand there, others once."""
    rejected = []
    failed = dict(case.failed)
    for written, phone in zip(case.submission.numbers, case.read, strict=True):
        if phone is None:
            if written.strip() or case.texts is not None:  # blanks between separators are no numbers
                rejected.append((written[:MOST_SHOWN], Code.NUMBER_BAD))
        elif cause := failed.pop(phone, None):
            rejected.append((written[:MOST_SHOWN], cause))
    return rejected
