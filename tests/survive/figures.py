"""The figures of long tests, for the table of `make soak`."""

import json
from pathlib import Path


def write_down(name, figures):
    folder = Path("build/soak")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(figures, indent=2), encoding="utf-8")
