"""The names of channel options: what may be set is what some protocol reads."""

import ast
from pathlib import Path

import pytest

import hongyan
from hongyan.model.channel_options import OPTION_PROTOCOLS
from hongyan.model.protocol import Protocol

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


def _read_in(*folders):
    source = Path(hongyan.__file__).parent
    files = [file for folder in folders for file in (source / folder).rglob("*.py")]
    nodes = (node for file in files for node in ast.walk(ast.parse(file.read_text())))
    return {name.value for node in nodes if isinstance(name := _read_by(node), ast.Constant) and isinstance(name.value, str)}


def test_what_may_be_set_is_what_is_read():
    assert _read_in(*ROOMS) - {""} == OPTION_PROTOCOLS.keys()


@pytest.mark.parametrize(
    ("protocol", "folders"),
    [
        (Protocol.CMPP2, ["adapters/cmpp"]),
        (Protocol.CMPP3, ["adapters/cmpp"]),
        (Protocol.SGIP, ["adapters/sgip"]),
        (Protocol.SMGP, ["adapters/smgp"]),
        (Protocol.SMPP, ["adapters/smpp"]),
        (Protocol.MM7, ["adapters/mm7", "carriers/mm7"]),
        (Protocol.HTTP, ["adapters/aspx", "carriers/http"]),
    ],
)
def test_what_a_protocol_reads_may_be_set_of_its_channels(protocol, folders):
    assert {name for name in _read_in(*folders) - {""} if protocol not in OPTION_PROTOCOLS[name]} == set()
