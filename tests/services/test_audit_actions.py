"""The audit can be narrowed to every action that it has, and has a Chinese name for each."""

import ast
import re
from pathlib import Path

from hongyan.i18n import using_language, value_word
from hongyan.model.act import AuditAction
from hongyan.model.approval import ApprovalState

SERVICES = Path(__file__).parents[2] / "src" / "hongyan" / "services"


def writes_audit(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr == "audit" for node in ast.walk(tree))


def actions_of(tree: ast.Module) -> set[str]:
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in texts if re.fullmatch(r"[a-z]+\.[a-z_0-9]+", text)}


def test_every_action_that_is_written_can_be_asked_for():
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in SERVICES.rglob("*.py")]
    written = {action for tree in trees if writes_audit(tree) for action in actions_of(tree)}
    decided = {f"approval.{state}" for state in ApprovalState if state is not ApprovalState.WAITING}

    assert written | decided == set(AuditAction)


def test_every_action_is_a_word_in_chinese():
    with using_language("zh"):
        assert [action for action in AuditAction if value_word("action", action) == action] == []
