"""Whether a submission was accepted, asked by the name that it was given."""

from tests.scene import POINTS, mobiles

from hongyan.model.submission import Accepted
from hongyan.services.steps.lost_answers import AnswerLost


def test_what_is_stored_is_answered_as_accepted_and_what_is_not_is_not(scene):
    stored, unknown = scene.admission(numbers=mobiles(3)), scene.admission()
    (first,) = scene.run(scene.steps.accept, stored)
    asked = [AnswerLost(one.task_id, one.sms_id) for one in (unknown, stored)]

    assert scene.run(scene.steps.lost_answers, *asked) == [None, first]


def test_the_balance_is_that_of_now(scene):
    for _ in range(2):
        admission = scene.admission()
        (accepted,) = scene.run(scene.steps.accept, admission)
    (earlier,) = scene.run(scene.steps.lost_answers, AnswerLost(admission.task_id, admission.sms_id))

    assert isinstance(accepted, Accepted)
    assert earlier.balance == accepted.balance == POINTS - 2


def test_a_task_is_known_by_its_whole_name(scene):
    """A number is a count of the day: another submission's, whose smsId is another, proves nothing of this one."""
    admission = scene.admission()
    scene.run(scene.steps.accept, admission)

    assert scene.run(scene.steps.lost_answers, AnswerLost(admission.task_id, "0" * 32)) == [None]
