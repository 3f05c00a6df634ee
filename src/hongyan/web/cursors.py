"""The beginning of the next page of a list, as programs and addresses carry it: sealed, so that it shows no phone and cannot be
made up.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import orjson

from hongyan.model.errors import VALUE_MOST, AdminError, Invalid
from hongyan.ports.admin import Sealing
from hongyan.services.queries.lists.listing import Listing


def sealed_place(place: Any, listing: Listing, sealer: Sealing) -> str:
    return urlsafe_b64encode(sealer.seal(orjson.dumps(place).decode(), _owner(listing))).decode()


def opened_place(place: str, listing: Listing, sealer: Sealing) -> Any:
    """raises: Invalid for a text that is no place of this list"""
    try:
        return orjson.loads(sealer.open(urlsafe_b64decode(place.encode("ascii")), _owner(listing)))
    except (ValueError, AdminError) as error:
        raise Invalid(
            "{field} cannot be {value}", "give `next` of the page before", field="after", value=place[:VALUE_MOST]
        ) from error


def _owner(listing: Listing) -> str:
    """Returns the owner that the seal is bound to, so that a place of one list does not open in another."""
    return f"place {listing.thing}"
