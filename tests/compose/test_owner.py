"""Whether the owner of a lease has ended is said only where it is certain."""

import subprocess
import sys
from unittest.mock import patch

import pytest

from hongyan.compose import owner
from hongyan.compose.owner import has_ended, owner_name

PROGRAM = "from hongyan.compose.owner import owner_name; print(owner_name(), flush=True); input()"


@pytest.fixture
def other():
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process, process.stdout.readline().strip()
        process.kill()


def test_a_process_that_was_killed_has_ended_even_before_its_parent_knows(other):
    process, name = other
    assert not has_ended(name)
    process.kill()
    while not has_ended(name):
        pass
    assert process.returncode is None
    process.wait()
    assert has_ended(name)


def test_a_later_process_with_its_number_is_another():
    host, pid, facts = owner_name().rsplit(":", 2)
    machine, began, chance = facts.split(".")

    assert not has_ended(f"{host}:{pid}:{machine}.{began}.{chance}")
    assert has_ended(f"{host}:{pid}:{machine}.{int(began) - 1}.{chance}")


def test_nothing_is_certain_of_another_machine_or_container(other):
    process, name = other
    process.kill()
    process.wait()

    with patch.object(owner, "_machine", lambda: "00000000"):
        assert not has_ended(name)
    with patch.object(owner, "_machine", lambda: ""):
        assert not has_ended(name)


@pytest.mark.parametrize("name", ["", "a", "cli:12:ab", "host:12:ab12cd34", "host:-1:x.y.z", "host:x:y.z.w"])
def test_of_names_of_another_form_nothing_is_said(name):
    assert not has_ended(name)


def test_two_of_one_process_have_different_names():
    assert owner_name() != owner_name()
