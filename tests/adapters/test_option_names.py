"""The names of channel options: what may be set is what some protocol reads."""

import ast
from pathlib import Path

import hongyan
from hongyan.model.channel import OPTION_NAMES

ROOMS = ("adapters", "carriers", "model")
NAMED_SECOND = {"one_of", "is_on", "number_of", "seconds_of"}  # behind the channel
NAMED_FIRST = {"option", "number", "_number"}


def _called(call):
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _read_by(node):
    """Returns the expression of an option's name, if the node reads an option."""
    if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("options"):
        return node.slice
    if not isinstance(node, ast.Call):
        return None
    called, arguments = _called(node), node.args
    if ast.unparse(node.func).endswith("options.get"):
        return arguments[0]
    if called in NAMED_SECOND and len(arguments) > 1:
        return arguments[1]
    return arguments[0] if called in NAMED_FIRST and arguments else None


def test_what_may_be_set_is_what_is_read():
    source = Path(hongyan.__file__).parent
    nodes = (node for room in ROOMS for file in (source / room).rglob("*.py") for node in ast.walk(ast.parse(file.read_text())))
    read = {name.value for node in nodes if isinstance(name := _read_by(node), ast.Constant) and isinstance(name.value, str)}

    assert read - {""} == OPTION_NAMES
