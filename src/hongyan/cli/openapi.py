"""hongyan openapi: the description of the admin API, for generators of clients."""

from hongyan.cli.options import alone, verb
from hongyan.cli.out import print_json

app = alone()


@verb(
    app,
    "openapi",
    "Print OpenAPI 3.1 of the admin API.",
    "hongyan openapi",
    "hongyan openapi > openapi.json",
)
def openapi() -> None:
    from hongyan.compose.openapi import describe  # noqa: PLC0415  help does without the calls

    print_json(describe())
