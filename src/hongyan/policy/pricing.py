"""What a segment costs."""

from collections.abc import Iterator

from hongyan.model.account import Product
from hongyan.model.destination import Carrier
from hongyan.model.snapshot import ConfigSnapshot

USUAL_PRICE = 1  # points a segment, where the account has no price of its own


def price_of(snapshot: ConfigSnapshot, account_id: int, product: Product, destination: str) -> int:
    """Returns points a segment: the account's price for this destination, else its price for every one, else 1.

    Abroad the longest beginning of the number that has a price counts, else the price for foreign numbers.
    """
    for priced in (*_nearest_first(destination), None):
        price = snapshot.prices.get((account_id, product, priced))
        if price is not None:
            return price
    return USUAL_PRICE


def _nearest_first(destination: str) -> Iterator[str]:
    if not destination.startswith("+"):
        yield destination
        return
    yield from (destination[:end] for end in range(len(destination), 1, -1))
    yield Carrier.FOREIGN
