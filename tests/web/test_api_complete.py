"""Whatever can be changed below the faces can be changed by the admin API, or stands here with the reason why not."""

import ast
from pathlib import Path

from hongyan.web.api import calls

SERVICES = Path(calls.__file__).parents[3] / "services" / "admin"

NOT_CALLED = {
    "accounts.add_product": "the products are a field of the account",
    "accounts.store_secret": "by which a door changes a secret; for people it is change_secret",
    "approvals.approve": "programs decide nothing",
    "channels.pause_all": "for a start that is held",
    "downloads.*": "what a file leaves in the audit",
    "jobs.add": "by whoever asks for a job",
    "jobs.read_result": "a result is read piece by piece",
    "opening.open_customer": "several calls: customer, account, points, price and routes",
    "idempotency.once": "stands round what takes an Idempotency-Key",
    "rules.put_signature": "by an import of signatures",
    "rules.remove_signature": "by an import of signatures",
    "sending.send_again": "a call to send with what the message says",
    "second_factor.*": "shown by people at their login",
    "sessions.*": "of people in the console",
    "staff.found_staff": "by init and demo",
    "staff.store_password": "people set their passwords by a link",
    "staff.use_invitation": "the link itself",
    "account_money.*": "several changes at once, for forms and commands; top-ups, corrections and prices go by approvals",
    "billing.*": "by approvals",
    "tasks.begin_cancelling": "the first part of cancel",
    "tasks.set_paused": "a part of pause and resume",
    "tasks.stop_account": "two calls: the account's is_stopped, then what it has waiting",
    "templates.put_templates": "by an import of templates",
    "tokens.touch_token": "notes that a token was used",
}


def changes() -> set[str]:
    """Public functions that change something: they take an act, or a store to act on."""
    found = set()
    for path in SERVICES.glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
                names = {argument.arg for argument in node.args.posonlyargs + node.args.args}
                if {"tx", "act"} <= names or "store" in names:
                    found.add(f"{path.stem}.{node.name}")
    return found


def called() -> set[str]:
    """What the calls name, as module.function."""
    sources = [path.read_text(encoding="utf-8") for path in Path(calls.__file__).parent.glob("*.py")]
    return {
        f"{node.value.id}.{node.attr}"
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }


def is_excused(name: str) -> bool:
    return name in NOT_CALLED or f"{name.partition('.')[0]}.*" in NOT_CALLED


def test_every_change_has_a_call_or_a_reason():
    assert {name for name in changes() - called() if not is_excused(name)} == set()


def test_every_reason_is_still_about_something():
    known = changes()
    stale = {
        name for name in NOT_CALLED if name not in known and not any(one.startswith(name.removesuffix("*")) for one in known)
    }

    assert stale == set()
    assert {name for name in NOT_CALLED if name in called()} == set()
