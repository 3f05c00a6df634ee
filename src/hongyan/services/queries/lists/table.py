"""All lists."""

from hongyan.services.queries.lists import channels, customers, delivery, messages, money, people, rules, running, tasks
from hongyan.services.queries.lists.listing import Listing

LISTS: tuple[Listing, ...] = (
    *tasks.LISTS,
    *messages.LISTS,
    *delivery.LISTS,
    *customers.LISTS,
    *channels.LISTS,
    *rules.LISTS,
    *money.LISTS,
    *people.LISTS,
    *running.LISTS,
)
