"""hongyan openapi: the description of the admin API, for programs that make clients of it."""

from hongyan.cli.out import print_json
from hongyan.i18n import N_

HELP = N_("Print OpenAPI 3.1 of the admin API.")
EXAMPLES = ("hongyan openapi", "hongyan openapi > openapi.json")


def openapi() -> None:
    from hongyan.compose.openapi import describe  # noqa: PLC0415  help does without the calls

    print_json(describe())
