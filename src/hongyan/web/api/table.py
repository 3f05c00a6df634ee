"""All calls of the admin API."""

from hongyan.web.api.call import Call
from hongyan.web.api.calls import alarms, channels, customers, imports, jobs, money, people, rules, traffic

CALLS: tuple[Call, ...] = (
    *customers.CALLS,
    *money.CALLS,
    *channels.CALLS,
    *rules.CALLS,
    *imports.CALLS,
    *traffic.CALLS,
    *jobs.CALLS,
    *alarms.CALLS,
    *people.CALLS,
)
