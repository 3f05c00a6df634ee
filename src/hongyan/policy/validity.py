"""How long a message may wait before it is no longer sent."""

from hongyan.model.account import Account, Product
from hongyan.model.snapshot import ConfigSnapshot


def validity_of(snapshot: ConfigSnapshot, account: Account, product: Product) -> int:
    """Returns seconds: the account's setting, else the installation's for the product; 0 is no limit."""
    return account.validity_s or snapshot.validity_s.get(product, 0)
