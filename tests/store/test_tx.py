"""The Protocols of the steps, and the transaction that implements them."""

import ast
import inspect
import re
from pathlib import Path

import pytest

from hongyan import store as room
from hongyan.ports.tx import Tx
from hongyan.store import schema
from hongyan.store.sql.tx import SqlTx


def _methods(cls):
    return {name: value for name, value in vars(cls).items() if inspect.isfunction(value) and not name.startswith("_")}


PROTOCOLS = [cls for cls in Tx.__mro__ if cls.__module__.startswith("hongyan.ports.tx")]
ASKED = {name: method for cls in PROTOCOLS for name, method in _methods(cls).items()}
WRITTEN = {name: method for cls in SqlTx.__mro__ for name, method in _methods(cls).items()}
ONLY_OF_THE_STORE = {"newest_id", "before_commit"}


@pytest.mark.parametrize("name", sorted(ASKED))
def test_the_store_implements_what_a_step_asks_with_the_same_arguments(name):
    assert inspect.signature(WRITTEN[name]) == inspect.signature(ASKED[name])


def test_every_method_of_the_transaction_is_asked_for_by_a_step():
    assert set(WRITTEN) - set(ASKED) == ONLY_OF_THE_STORE


def test_a_method_stands_in_one_protocol():
    assert sorted(name for cls in PROTOCOLS for name in _methods(cls)) == sorted(ASKED)


def test_a_docstring_stands_once():
    def first_line(method):
        return (inspect.getdoc(method) or "").splitlines()[:1]

    assert [name for name in ASKED if WRITTEN[name].__doc__ and first_line(WRITTEN[name]) == first_line(ASKED[name])] == []


SOURCE = Path(room.__file__).parent
TABLES = {table.name for table in schema.metadata.tables.values()} - {"commit_mark"}


@pytest.mark.parametrize("path", sorted((SOURCE / "engine").glob("*.py")), ids=lambda path: path.stem)
def test_the_engine_knows_no_table_and_no_statement_of_a_step(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    named = {name for text in texts for name in re.findall(r"(?:FROM|INTO|UPDATE|JOIN) (\w+)", text)}

    assert {
        name for name in imported if name.startswith(("hongyan.store.sql", "hongyan.store.schema", "hongyan.model"))
    } == set()
    assert named & TABLES == set()


@pytest.mark.parametrize("path", sorted((SOURCE / "sql").glob("*.py")), ids=lambda path: path.stem)
def test_the_sql_of_a_step_knows_no_thread(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}

    assert imported & {"asyncio", "threading", "queue", "sqlite3", "psycopg"} == set()
