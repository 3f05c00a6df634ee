"""What an account may send."""

from hongyan.model.account import Account, Product
from hongyan.model.refusal import Code, Refusal


def check_product(account: Account, product: Product) -> None:
    """Raise Refusal NO_PRODUCT unless the account has it."""
    if product not in account.products:
        raise Refusal(Code.NO_PRODUCT)
