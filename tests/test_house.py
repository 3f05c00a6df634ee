"""The house rules: who may import whom, what a lock and a source may hold.

The table is that of docs/rooms.md. Imports under TYPE_CHECKING and inside functions count like any other.
"""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from hongyan.settings.explain import known_keys

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "hongyan"

MAY_IMPORT: dict[str, set[str]] = {
    "model": set(),
    "xml": set(),
    "wire": {"xml"},
    "formats": {"model", "xml"},
    "http": set(),
    "i18n": {"model"},
    "settings": {"model", "i18n"},
    "logs": {"model", "settings"},
    "policy": {"model"},
    "ports": {"model"},
    "adapters": {"model", "wire", "ports"},
    "services": {"model", "policy", "ports", "i18n"},
    "store": {"model", "ports"},
    "sockets": {"wire", "ports", "http"},
    "carriers": {"model", "wire", "adapters", "ports", "http", "sockets"},
    "sessions": {"model", "wire", "adapters", "ports", "http", "sockets"},
    "doors": {"model", "formats", "services", "ports", "http", "i18n"},
    "push": {"model", "formats", "services", "ports", "http"},
    "web": {"model", "formats", "services", "ports", "i18n", "version"},
    "sim": {"wire", "formats", "adapters"},
    "conformance": {"formats"},
    "workers": {"model", "policy", "services", "ports"},
    "cli": {
        "compose",
        "settings",
        "logs",
        "i18n",
        "services",
        "ports",
        "model",
        "formats",
        "wire",
        "adapters",
        "sim",
        "conformance",
        "version",
    },
    "__main__": {"cli"},
}
EVERYTHING = {"compose"}  # the only room that names concrete parts; commands, which it is asked by, are none

ONLY_IN = {
    "sqlalchemy": {"store"},
    "sqlite3": {"store"},
    "psycopg": {"store"},
    "alembic": {"store"},
    "typer": {"cli"},
    "rich": {"cli"},
    "prometheus_client": {"web"},
    "pydantic_settings": {"settings"},
    "xlsxwriter": {"formats"},
    "lxml": {"xml"},
}
"""Parts that one room alone may name, so that the others do not depend on them."""

NAMED_OTHERWISE = {"Crypto": "pycryptodome", "argon2": "argon2-cffi"}
"""Imports whose package has another name."""

PURE = {"model", "policy", "wire", "formats", "xml"}
IMPURE = {"asyncio", "socket", "ssl", "time", "random", "secrets", "uuid", "subprocess", "uvloop", "aiohttp"}
"""Time, ids and chance are arguments of the pure rooms; sockets they do not know."""

BINARY = {".whl", ".so", ".zip", ".tar", ".gz", ".jar", ".exe", ".dll", ".pyc"}

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError|not implemented|placeholder|for now)\b", re.IGNORECASE)
ADDRESS = re.compile(r"\b(?:https?|file|git\+\w+)://|--(?:extra-)?index-url|--find-links|--trusted-host")

MODULES = sorted(SOURCE.rglob("*.py"))
SOURCES = [*MODULES, *sorted((ROOT / "tests").rglob("*.py"))]
LOCKS = sorted(ROOT.glob("requirements*.lock"))
ROOMS = sorted({"store", *(room for room in MAY_IMPORT if (SOURCE / room).is_dir())})


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room_of(path: Path) -> str:
    """The room a file stands in: its folder under hongyan/, or its own name."""
    first = path.relative_to(SOURCE).parts[0]
    return first.removesuffix(".py")


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every import, relative ones made whole."""
    package = ["hongyan", *path.relative_to(SOURCE).parent.parts] if path.is_relative_to(SOURCE) else []
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) + 1 - node.level]) if node.level else ""
            source = ".".join(part for part in (base, node.module or "") if part)
            yield from ((node.lineno, f"{source}.{alias.name}") for alias in node.names)


def room_named(dotted: str) -> str | None:
    """The room an import reaches, "version" for hongyan.__version__ and hongyan.BUILD, None for what is not ours."""
    parts = dotted.split(".")
    if parts[0] != "hongyan":
        return None
    return "version" if parts[1:] in ([], ["__version__"], ["BUILD"]) else parts[1]


FILES = {room: [path for path in MODULES if room_of(path) == room] for room in sorted(set(map(room_of, MODULES)))}
"""Room → its files."""

each_room = pytest.mark.parametrize("room", FILES)


@each_room
def test_imports_point_inward(room: str) -> None:
    allowed = MAY_IMPORT.get(room, set()) | {room}
    wrong = [
        f"{name_of(path)}:{line} imports {name}"
        for path in FILES[room]
        for line, name in imported(path)
        if (reached := room_named(name)) is not None
        and (reached in {"cli", "__main__"} if room in EVERYTHING else reached not in allowed)
    ]

    assert wrong == []


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")


def test_no_modules_import_each_other_in_a_circle() -> None:
    modules = {module_of(path) for path in MODULES}
    reached = {
        module_of(path): {part for _, name in imported(path) for part in (name, name.rpartition(".")[0]) if part in modules}
        for path in MODULES
    }

    TopologicalSorter(reached).prepare()  # raises CycleError, which names the circle


def test_every_room_stands_in_the_table() -> None:
    known = {*MAY_IMPORT, *EVERYTHING, "__init__"}

    assert {room_of(path) for path in MODULES} <= known


def test_the_tests_of_http_need_no_other_room() -> None:
    others = [
        f"{name_of(path)}:{line} imports {name}"
        for path in (ROOT / "tests" / "http").glob("*.py")
        for line, name in imported(path)
        if name.startswith(("hongyan.", "tests."))
        and not name.startswith(("hongyan.http.", "tests.http.", "tests.certificate."))
    ]

    assert others == []


def test_no_step_calls_another() -> None:
    """A step hands over by storing a row for the next. How a message ends, is taken back, queued and reported is shared."""
    shared = {"verdicts", "ending", "parcels", "cancelled", "client_references", "outlets", "receivers", "segmenting"}
    called = [
        f"{name_of(path)}:{line} imports {name}"
        for path in (SOURCE / "services" / "steps").glob("*.py")
        for line, name in imported(path)
        if name.startswith("hongyan.services.steps.") and name.split(".")[3] not in shared
    ]

    assert called == []


@each_room
def test_parts_stay_in_their_room(room: str) -> None:
    strangers = [
        f"{name_of(path)}:{line} imports {name}"
        for path in FILES[room]
        for line, name in imported(path)
        if room not in ONLY_IN.get(name.split(".")[0], {room}) | EVERYTHING
    ]

    assert strangers == []


@pytest.mark.parametrize("room", sorted(PURE))
def test_pure_rooms_know_no_clock_no_chance_and_no_socket(room: str) -> None:
    impure = [
        f"{name_of(path)}:{line} imports {name}"
        for path in FILES[room]
        for line, name in imported(path)
        if name.split(".")[0] in IMPURE
    ]

    assert impure == []


@cache
def our_classes() -> set[str]:
    return {"cls"} | {node.name for path in MODULES for node in ast.walk(parsed(path)) if isinstance(node, ast.ClassDef)}


@each_room
def test_more_than_six_values_of_a_class_are_named(room: str) -> None:
    """`Wallet(*row)` is another thing: its columns stand in the statement that read the row."""
    called = [
        f"{name_of(path)}:{node.lineno} {ast.unparse(node.func)}"
        for path in FILES[room]
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and len(node.args) > 6 and ast.unparse(node.func).rpartition(".")[2] in our_classes()
    ]

    assert called == []


OF_A_PROTOCOL = {
    "wire": {"auth", "codec", "pdu", "report", "state", "template"},
    "adapters": {"centre", "client", "message_names", "refusals", "server"},
    "carriers": {"client", "link", "listener"},
}
"""What a folder of a protocol may hold, in each room: the same name for the same job."""

ALONE = {
    "wire/mm7/mime",
    "adapters/smpp/sar",
    "carriers/http/pull",
    "carriers/http/push",
    "carriers/http/reconcile",
    "carriers/http/unanswered",
}
"""What one protocol alone has."""


@pytest.mark.parametrize("room", OF_A_PROTOCOL)
def test_folders_of_protocols_name_their_files_alike(room: str) -> None:
    files = [path for path in FILES[room] if len(path.relative_to(SOURCE).parts) > 2 and path.stem != "__init__"]
    odd = {path.relative_to(SOURCE).with_suffix("").as_posix() for path in files if path.stem not in OF_A_PROTOCOL[room]}

    assert files
    assert odd == {name for name in ALONE if name.startswith(f"{room}/")}


def test_the_picture_has_every_room() -> None:
    drawn = (ROOT / "docs" / "rooms.svg").read_text(encoding="utf-8")

    assert [room for room in {*MAY_IMPORT, *EVERYTHING} - {"__main__"} if f">{room}<" not in drawn] == []


def test_the_table_of_rooms_is_that_of_the_page() -> None:
    rows = re.findall(
        r"^\| ([a-z0-9, ]+) \|[^|]*\| ([^|]+) \|$", (ROOT / "docs" / "rooms.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    page = {room: re.findall(r"[a-z0-9]+", may) for rooms, may in rows for room in rooms.split(", ")}

    for room, allowed in MAY_IMPORT.items():
        if room != "__main__":
            assert allowed - {"version"} <= set(page[room]), room


DECIDE = ("services/admit.py", "policy")


def test_admission_knows_no_dialect() -> None:
    """The words of an answer are the doors' affair."""
    named = [
        f"{name_of(path)}:{line} imports {name}"
        for path in MODULES
        if path.relative_to(SOURCE).as_posix().startswith(DECIDE)
        for line, name in imported(path)
        if "Dialect" in name
    ]

    assert named == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_says_what_it_is_for(room: str) -> None:
    assert ast.get_docstring(parsed(SOURCE / room / "__init__.py"))


def test_nothing_binary_is_kept() -> None:
    """What a registry provides is fetched when it is needed; git would keep it for ever."""
    kept = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()

    assert [name for name in kept if Path(name).suffix in BINARY] == []


def test_nothing_is_left_for_later() -> None:
    found = [
        f"{name_of(path)}:{number}: {line.strip()}"
        for path in SOURCES
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if UNFINISHED.search(line)
    ]

    assert found == []


@pytest.mark.parametrize("folder", sorted({path.parent for path in (ROOT / "tests").rglob("test_*.py")}), ids=name_of)
def test_test_folders_are_named_after_what_they_test(folder: Path) -> None:
    parts = folder.relative_to(ROOT / "tests").parts
    across = {"contract", "docs", "interop", "release", "scenarios", "soak", "survive", "whole"}  # tests of more than one room

    assert not parts or parts[0] in {*MAY_IMPORT, *EVERYTHING, *across}


@pytest.mark.parametrize("lock", LOCKS, ids=name_of)
def test_a_lock_has_hashes_and_names_no_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    pins = [line for line in text.splitlines() if line and not line.startswith(("#", " "))]

    assert ADDRESS.search(text) is None
    assert pins
    assert [pin for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []


@pytest.mark.parametrize(
    "lock", [SOURCE / "web" / "package-lock.json", *sorted((ROOT / "tests").glob("*/node/package-lock.json"))], ids=name_of
)
def test_a_lock_of_npm_has_hashes_and_names_no_address(lock: Path) -> None:
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    pins = {name: pin for name, pin in packages.items() if name.startswith("node_modules/")}

    assert pins
    assert [name for name, pin in pins.items() if "integrity" not in pin or "resolved" in pin] == []


@pytest.mark.parametrize(
    ("lock", "extra"),
    [
        ("requirements.lock", None),
        ("requirements-dev.lock", "dev"),
        ("requirements-interop.lock", "interop"),
        ("requirements-npm.lock", "npm"),
    ],
)
def test_a_lock_answers_what_the_project_asks_for(lock: str, extra: str | None) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(project["optional-dependencies"][extra] if extra else [])]
    pins = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))
    missing = [
        wish
        for wish in map(Requirement, wanted)
        if (pin := pins.get(canonicalize_name(wish.name))) is None or pin not in wish.specifier
    ]

    assert missing == []


def test_the_project_uses_what_it_declares() -> None:
    """Each run-time part is imported by some room, or is loaded by name: time zones by zoneinfo, forms by Starlette."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {canonicalize_name(Requirement(wish).name) for wish in project["dependencies"]}
    used = {name.split(".")[0].replace("_", "-") for path in MODULES for _, name in imported(path)}
    used = {NAMED_OTHERWISE.get(name, name) for name in used}
    standard = {name.replace("_", "-") for name in sys.stdlib_module_names}

    assert declared - used == {"tzdata", "python-multipart"}
    assert used - declared - standard == {"hongyan", "pydantic-core"}


def test_every_setting_is_used() -> None:
    """A key that nothing reads would be a promise that nobody keeps."""
    source = "".join(path.read_text(encoding="utf-8") for path in MODULES if room_of(path) in {"compose", "cli", "settings"})
    keys = [path[-1] for path in known_keys()]

    assert [key for key in keys if not re.search(rf"\.{key}\b|\"{key.removesuffix('_file')}\"", source)] == []
