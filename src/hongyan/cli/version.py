"""hongyan version."""

import platform

import hongyan
from hongyan.cli.options import Json, alone, verb
from hongyan.cli.out import Form, form, print_json, print_text

app = alone()


@verb(
    app,
    "version",
    "Print the version, and whether parts of it are compiled.",
    "hongyan version",
    "hongyan version --json",
)
def version(as_json: Json = False) -> None:
    if form(as_json) is Form.JSON:
        print_json({"version": hongyan.__version__, "build": hongyan.BUILD, "python": platform.python_version()})
    else:
        print_text(f"hongyan {hongyan.__version__} {hongyan.BUILD}")
