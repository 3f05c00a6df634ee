"""What carriers speak, and what goes with each."""

from enum import StrEnum

from hongyan.model.account import Product


class Protocol(StrEnum):
    CMPP2 = "cmpp2"
    CMPP3 = "cmpp3"
    SMGP = "smgp"
    SMPP = "smpp"
    SGIP = "sgip"
    HTTP = "http"
    MM7 = "mm7"
    LOOPBACK = "loopback"


PROTOCOL_NAMES = {
    "cmpp2": "CMPP 2.0",
    "cmpp3": "CMPP 3.0",
    "smgp": "SMGP 3.0",
    "smpp": "SMPP 3.4",
    "sgip": "SGIP 1.2",
    "http": "HTTP",
    "mm7": "MM7",
    "cmpp": "CMPP 2.0, 3.0",
}
"""Protocols as people write them, by their words in settings: those of carriers, and `cmpp`, by which customers connect."""

TICKETED = frozenset({Protocol.SGIP, Protocol.HTTP})
"""Protocols in which we name each submit. The name is given and stored with the claim, and a repeat has the same one."""

CALL_US = frozenset({Protocol.SGIP, Protocol.MM7})
"""Protocols whose carriers connect to us to deliver reports and replies."""

MAY_CALL_US = CALL_US | {Protocol.HTTP}
"""Protocols whose carriers deliver on connections to us, if a port of ours is named to them."""

OF_CARRIERS = frozenset(Protocol) - {Protocol.LOOPBACK}
"""Protocols that need a carrier to connect to."""

LOGGED_IN = OF_CARRIERS - {Protocol.HTTP, Protocol.MM7}
"""Protocols whose connections stay, and begin with a login."""

WHOLE = frozenset({Protocol.HTTP})
"""Protocols that take a text of any length as a whole."""

_CARRIES = {Protocol.LOOPBACK: (Product.SMS, Product.MMS), Protocol.MM7: (Product.MMS,)}


def products_of(protocol: Protocol) -> tuple[Product, ...]:
    """Returns the products that a protocol can carry, the usual one first. A channel carries one of them."""
    return _CARRIES.get(protocol, (Product.SMS,))
