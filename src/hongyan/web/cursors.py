"""Where the next page of a list begins, as programs and addresses carry it: sealed, so nobody reads a phone out of it or makes one up."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import orjson

from hongyan.model.errors import AdminError, Invalid
from hongyan.ports.admin import Sealing
from hongyan.services.queries.lists.listing import Listing

_SHOWN_MOST = 80


def sealed_place(place: Any, listing: Listing, sealer: Sealing) -> str:
    return urlsafe_b64encode(sealer.seal(orjson.dumps(place).decode(), _owner(listing))).decode()


def opened_place(place: str, listing: Listing, sealer: Sealing) -> Any:
    """raises: Invalid for what is no place of this list"""
    try:
        return orjson.loads(sealer.open(urlsafe_b64decode(place.encode("ascii")), _owner(listing)))
    except (ValueError, AdminError) as error:
        raise Invalid(
            "{field} cannot be {value}", "give `next` of the page before", field="after", value=place[:_SHOWN_MOST]
        ) from error


def _owner(listing: Listing) -> str:
    """In place of an owner of what is sealed: a place of one list is none of another."""
    return f"place {listing.thing}"
