"""Some channel takes the message to this number: one that carries octets, or flash messages, if it is such a message."""

from hongyan.model.prefixes import BELOW_PREFIX, FOREIGN
from hongyan.model.route import RoutePlan
from hongyan.policy.admission.context import AdmissionContext
from hongyan.policy.routing import destination_of, plan_of, share, why_none


def judge(context: AdmissionContext) -> None:
    """Chooses a channel and a price for each number; rejects those that no channel serves.

    Their cause is NUMBER_NO_CHANNEL; if no number at all could be served, NO_CHANNEL, NO_BINARY_CHANNEL or NO_FLASH_CHANNEL.
    """
    snapshot, submission = context.snapshot, context.submission
    account_id, product, need = submission.account.id, submission.product, submission.need
    carrier_of = snapshot.prefixes.carrier
    plans: dict[int, RoutePlan] = {}  # by the beginning of a number, which names its carrier
    routed = context.routed
    for phone in context.phones:
        plan = plans.get(phone // BELOW_PREFIX)
        if plan is None:
            carrier = carrier_of(phone)
            plan = plan_of(snapshot, account_id, product, destination_of(snapshot, carrier, phone), need)
            if carrier is not FOREIGN:
                plans[phone // BELOW_PREFIX] = plan
        if plan.tiers:
            routed.append((phone, share(plan.tiers[0], phone), plan.price))
    if len(routed) < len(context.phones):
        served = {phone for phone, _, _ in routed}
        cause = why_none(snapshot, account_id, product, need)
        context.failed |= dict.fromkeys((phone for phone in context.phones if phone not in served), cause)
