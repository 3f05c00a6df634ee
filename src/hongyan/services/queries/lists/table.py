"""All lists."""

from hongyan.services.queries.lists import channels, customers, money, people, rules, running, traffic
from hongyan.services.queries.lists.listing import Listing

LISTS: tuple[Listing, ...] = (
    *traffic.LISTS,
    *customers.LISTS,
    *channels.LISTS,
    *rules.LISTS,
    *money.LISTS,
    *people.LISTS,
    *running.LISTS,
)
