"""What `make compiled` makes beside the sources: libraries of the modules that pyproject.toml names, by mypyc and the C compiler.

mypyc compiles what stands in a class. The constructor that `dataclass` makes does not, and stays interpreted: compiled code makes an object
in 500 ns with it, in 25 ns with one that stands there. So before they are compiled, constructors are written into a copy of the
sources, on the blank lines behind the classes: every line keeps its number.
"""

import ast
import shutil
import sysconfig
from collections.abc import Collection
from contextlib import chdir
from pathlib import Path

PACKAGE = Path("src") / "hongyan"
MADE = Path("build") / "compiled"


def compile_modules(root: Path, names: list[str], level: str) -> dict[str, str]:
    """Make the libraries, below build/compiled.

    names:   of files below src/hongyan
    level:   at which the C compiler optimises, 0 to 3
    returns: each library's file with its place in the wheel
    raises:  SystemExit without a C compiler, for a name that is no file, and for a module that mypyc cannot compile;
             setuptools.errors.CompileError
    """
    _ask_for_tools()
    from setuptools import Distribution  # noqa: PLC0415  only such a build has it and mypyc

    modules = modules_of(root, names)
    copy_sources(root, modules)
    from mypyc.build import mypycify  # noqa: PLC0415  makes extensions of setuptools where that was imported before

    with chdir(root / MADE):
        extensions = mypycify(
            ["--config-file", str(root / "pyproject.toml"), *map(str, modules)],
            group_name="hongyan",
            multi_file=True,
            opt_level=level,
            debug_level="0",
            target_dir="c",
        )
        distribution = Distribution({"name": "hongyan", "ext_modules": extensions, "package_dir": {"": "src"}})
        build = distribution.get_command_obj("build_ext")
        build.build_lib, build.build_temp = "lib", "objects"
        build.ensure_finalized()
        build.run()
    libraries = root / MADE / "lib"
    return {str(path): str(path.relative_to(libraries)) for path in libraries.rglob("*.so")}


def modules_of(root: Path, names: list[str]) -> list[Path]:
    """Returns the modules, below the root. raises: SystemExit for a name that is no file"""
    modules = [PACKAGE / name for name in names]
    for module in modules:
        if not (root / module).is_file():
            raise SystemExit(f"pyproject.toml names {module} to be compiled, and there is no such file")
    return modules


def _ask_for_tools() -> None:
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(compiler) is None:
        raise SystemExit(
            f"There is no {compiler} to compile the modules with. Install it (on Debian: apt install gcc python3-dev)."
        )
    if not (Path(sysconfig.get_path("include")) / "Python.h").exists():
        raise SystemExit("The modules need Python.h, and there is none. Install it (on Debian: apt install python3-dev).")


def copy_sources(root: Path, modules: list[Path]) -> None:
    """Copy all sources below build/compiled, and write constructors into these modules."""
    shutil.rmtree(root / MADE, ignore_errors=True)
    shutil.copytree(root / PACKAGE, root / MADE / PACKAGE, ignore=lambda _, names: [n for n in names if n == "static"])
    bases = {base for module in modules for base in _bases((root / module).read_text(encoding="utf-8"))}
    for module in modules:
        copy = root / MADE / module
        copy.write_text(with_constructors(copy.read_text(encoding="utf-8"), bases), encoding="utf-8")


def _bases(source: str) -> set[str]:
    """Returns the names of the classes that others inherit from."""
    classes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)]
    return {ast.unparse(base).split("[")[0].split(".")[-1] for one in classes for base in one.bases}


def with_constructors(source: str, bases: Collection[str] = ()) -> str:
    """Returns a source in which each simple dataclass has its constructor; it is not frozen any more.

    simple: it inherits from nothing, nothing inherits from it, no field is an InitVar, and no default is a call but that of `field`
    bases:  names of the classes that others inherit from
    """
    lines = [*source.split("\n"), ""]
    for one in ast.parse(source).body:
        if isinstance(one, ast.ClassDef) and one.name not in bases and not one.bases:
            options, constructor = _options(one), _constructor(one)
            if options is not None and constructor is not None:
                assert one.end_lineno is not None
                assert not lines[one.end_lineno], f"a line stands close behind {one.name}"
                lines[one.end_lineno] = constructor
                lines[one.decorator_list[0].lineno - 1] = f"@dataclass({', '.join(options)})"
    return "\n".join(lines)


def _options(one: ast.ClassDef) -> list[str] | None:
    """Returns what `dataclass` is called with, beside a constructor that stands in the class; None for a class that is none of these."""
    if len(one.decorator_list) != 1:
        return None
    decorator = one.decorator_list[0]
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    given = {str(k.arg): ast.unparse(k.value) for k in decorator.keywords} if isinstance(decorator, ast.Call) else {}
    if ast.unparse(called) != "dataclass" or decorator.end_lineno != decorator.lineno or given.keys() & {"init", "kw_only"}:
        return None
    is_hashed = given.pop("frozen", "False") == "True" and given.get("eq", "True") == "True" and "__hash__" not in _methods(one)
    return ["init=False", *(["unsafe_hash=True"] if is_hashed else []), *(f"{name}={value}" for name, value in given.items())]


def _methods(one: ast.ClassDef) -> set[str]:
    return {node.name for node in one.body if isinstance(node, ast.FunctionDef)}


def _constructor(one: ast.ClassDef) -> str | None:
    """Returns the constructor, on one line; None for a class that is not simple, or has no fields."""
    parameters, body = ["self"], []
    for node in one.body:
        if not isinstance(node, ast.AnnAssign) or ast.unparse(node.annotation).startswith("ClassVar"):
            continue
        field = _field(ast.unparse(node.target), ast.unparse(node.annotation), node.value)
        if field is None:
            return None
        parameters += field[0]
        body += field[1]
    if "__post_init__" in _methods(one):
        body.append("self.__post_init__()")
    return f"    def __init__({', '.join(parameters)}) -> None: {'; '.join(body)}" if len(body) else None


def _field(name: str, kind: str, default: ast.expr | None) -> tuple[list[str], list[str]] | None:
    """Returns its parameter, if it has one, and its assignment, if there is one; None for a field that no simple class has."""
    if kind.startswith("InitVar"):
        return None
    if not isinstance(default, ast.Call):
        return [f"{name}: {kind}" + (f" = {ast.unparse(default)}" if default else "")], [f"self.{name} = {name}"]
    if ast.unparse(default.func) != "field":
        return None
    given = {str(k.arg): ast.unparse(k.value) for k in default.keywords}
    made = f"({given['default_factory']})()" if "default_factory" in given else given.get("default")
    if given.get("init") == "False":
        return [], [f"self.{name} = {made}"] if made else []
    if "default_factory" in given:
        return [f'{name}: "{kind.strip(chr(39))} | None" = None'], [f"self.{name} = {made} if {name} is None else {name}"]
    return [f"{name}: {kind}" + (f" = {made}" if made else "")], [f"self.{name} = {name}"]
