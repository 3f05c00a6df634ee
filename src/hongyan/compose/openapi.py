"""The description of the admin API, without a server."""

from typing import Any

from hongyan import __version__
from hongyan.web.api.openapi import openapi
from hongyan.web.api.table import CALLS


def describe() -> dict[str, Any]:
    """Returns OpenAPI 3.1, in the person's language."""
    return openapi(CALLS, __version__)
