"""What a segment costs."""

from hongyan.model.account import Product
from hongyan.model.book import Book
from hongyan.model.channel import Carrier

USUAL_PRICE = 1  # points a segment, where the account has no price of its own


def price_of(book: Book, account_id: int, product: Product, carrier: Carrier) -> int:
    """Points a segment: the account's price for this carrier, else its price for every carrier, else 1."""
    price = book.prices.get((account_id, product, carrier))
    return book.prices.get((account_id, product, None), USUAL_PRICE) if price is None else price
