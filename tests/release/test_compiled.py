"""What is done to the sources before mypyc has them, and what `make compiled` says where it cannot work."""

import ast
import copy
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hatch_compiled import PACKAGE, compile_modules, modules_of, with_constructors

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NAMED = PYPROJECT["tool"]["hatch"]["build"]["hooks"]["custom"]["compiled"]

SOURCE = '''from dataclasses import InitVar, dataclass, field


@dataclass(frozen=True, slots=True)
class Seen:
    """A class with all that a constructor may have."""

    name: str
    count: int = 1
    """How often."""
    parts: list[str] = field(default_factory=list)
    total: int = field(init=False)
    note: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "total", self.count + len(self.parts))


@dataclass(slots=True)
class Base:
    name: str


@dataclass(slots=True)
class Child(Base):
    count: int


@dataclass(slots=True)
class Counted:
    first: InitVar[int]
    last: int = 0


@dataclass(slots=True)
class Made:
    seen: Seen = Seen("x")
'''


def loaded(source):
    names = {"__name__": __name__}
    exec(source, names)
    return names


def test_a_constructor_takes_a_blank_line_and_no_line_moves():
    before, after = SOURCE.split("\n"), with_constructors(SOURCE, {"Base"}).split("\n")

    changed = {place: line for place, line in enumerate(before) if line != after[place]}
    assert list(changed.values()) == ["@dataclass(frozen=True, slots=True)", ""]
    assert after[len(before) :] == [""]


def test_such_a_class_is_used_as_before():
    plain, written = loaded(SOURCE)["Seen"], loaded(with_constructors(SOURCE, {"Base"}))["Seen"]

    for seen in (plain, written):
        one = seen("a", parts=["b", "c"])
        assert (one.name, one.count, one.parts, one.total, one.note) == ("a", 1, ["b", "c"], 3, "")
        assert one == seen("a", 1, ["b", "c"], note="x") != seen("a", 2)
        assert replace(one, count=4).total == 6
        assert copy.copy(one) == one
        assert seen("a").parts is not seen("a").parts
    assert repr(written("a")) == repr(plain("a"))
    assert hash(written("a", parts=())) == hash(written("a", parts=()))


@pytest.mark.parametrize("named", ["Base", "Child", "Counted", "Made"])
def test_what_is_not_simple_stays_as_it_is(named):
    def stands(source):
        return next(ast.unparse(one) for one in ast.parse(source).body if isinstance(one, ast.ClassDef) and one.name == named)

    assert stands(with_constructors(SOURCE, {"Base"})) == stands(SOURCE)


def test_every_module_that_is_named_takes_its_constructors():
    for module in modules_of(ROOT, NAMED):
        source = (ROOT / module).read_text(encoding="utf-8")
        assert with_constructors(source).count("\n") == source.count("\n") + 1
        ast.parse(with_constructors(source))


def test_each_module_is_named_once():
    assert len(NAMED) == len(set(NAMED))


def test_no_interpreted_class_inherits_from_a_compiled_one():
    """mypyc makes no instance of such a class. Protocols have none."""
    compiled = {f"hongyan.{name.removesuffix('.py').replace('/', '.')}" for name in NAMED}

    assert [
        f"{module.name}: {one.name}"
        for module in sorted((ROOT / PACKAGE).rglob("*.py"))
        if str(module.relative_to(ROOT / PACKAGE)) not in NAMED
        for tree in [ast.parse(module.read_text(encoding="utf-8"))]
        for one in tree.body
        if isinstance(one, ast.ClassDef)
        if {ast.unparse(base).split("[")[0] for base in one.bases} & names_from(tree, compiled)
        if not any(ast.unparse(base).startswith("Protocol") for base in one.bases)
    ] == []


def test_no_compiled_coroutine_awaits_while_an_exception_is_handled():
    """mypyc 2.4 has one place for the exception that is handled, not one a coroutine: all that runs meanwhile would see it, and
    whatever is raised would have it as its context. Leaving `asyncio.timeout` and `suppress` waits for nothing.
    """
    assert [
        f"{module.name}:{one.lineno}"
        for module in modules_of(ROOT, NAMED)
        for node in ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8")))
        if isinstance(node, ast.Try | ast.AsyncWith)
        for one in awaits_at_its_end(node)
    ] == []


def awaits_at_its_end(node):
    """Returns what a `try` awaits in its handlers and at last, and an `async with` when it is left."""
    if isinstance(node, ast.AsyncWith):
        return [] if all(ast.unparse(item.context_expr).startswith("asyncio.timeout(") for item in node.items) else [node]
    ends = [statement for handler in node.handlers for statement in handler.body] + node.finalbody
    return [one for end in ends for one in ast.walk(end) if isinstance(one, ast.Await | ast.AsyncFor | ast.AsyncWith)]


def test_such_awaits_are_found():
    source = """
async def go():
    try:
        await a()
    except OSError:
        await b()
    finally:
        await c()
    async with lock:
        await d()
"""
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Try | ast.AsyncWith)]

    assert sorted(ast.unparse(one).split(":")[0] for node in found for one in awaits_at_its_end(node)) == [
        "async with lock",
        "await b()",
        "await c()",
    ]


def names_from(tree, modules):
    """Returns the names that a module imports from these."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module in modules]
    return {name.asname or name.name for node in imports for name in node.names}


def test_a_name_that_is_no_module_is_said():
    with pytest.raises(SystemExit, match=r"policy/none\.py"):
        modules_of(ROOT, ["policy/none.py"])


def test_without_a_compiler_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)

    with pytest.raises(SystemExit, match="apt install gcc python3-dev"):
        compile_modules(ROOT, NAMED, "0")
