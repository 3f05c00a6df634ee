"""Every sentence that a command may say, read from the source: what stands in it as a text."""

import ast
from collections.abc import Iterator
from pathlib import Path

import hongyan

_SAYING = {
    "say": (0,), "out.say": (0,), "worded": (0,), "Stop": (1, 2), "Missing": (0,), "Conflict": (0,), "Unfit": (0,), "Forbidden": (0,),
    "Unready": (0, 1), "Unreached": (0, 1), "Taken": (0, 1), "KeyWrong": (0,), "read_secret": (1,),
}  # fmt: skip
"""Calls, and which of their arguments are sentences."""

_SPEAKS_TO_NOBODY = {"doors", "http"}
"""Rooms whose words go into the log, or are those of a manual."""

_TABLES = {"_VERDICTS", "_CURES"}
"""Sentences by their cause."""


def _said() -> Iterator[tuple[str, ast.expr]]:
    """Each argument that is a sentence, with its place."""
    for path in sorted(Path(hongyan.__file__).parent.rglob("*.py")):
        if path.parent.name in _SPEAKS_TO_NOBODY:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (places := _SAYING.get(ast.unparse(node.func))):
                for place in places:
                    if place < len(node.args):
                        yield f"{path.name}:{node.lineno}", node.args[place]
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in _TABLES and isinstance(node.value, ast.Dict):
                for value in node.value.values:
                    yield f"{path.name}:{node.lineno}", value


def _texts(said: ast.expr) -> Iterator[str]:
    """The literal texts of an argument: the whole of it, or either branch of a choice."""
    if isinstance(said, ast.Constant) and isinstance(said.value, str):
        yield said.value
    elif isinstance(said, ast.IfExp):
        yield from _texts(said.body)
        yield from _texts(said.orelse)


SENTENCES = {text for _, said in _said() for text in _texts(said)}
LITERALS = {
    node.value
    for path in Path(hongyan.__file__).parent.rglob("*.py")
    if path.name != "chinese.py"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.Constant) and isinstance(node.value, str)
}
"""Every text of the source, said or not."""

GLUED = [place for place, said in _said() if isinstance(said, ast.JoinedStr)]
"""Where a sentence is put together before it is worded: no language can find it."""
