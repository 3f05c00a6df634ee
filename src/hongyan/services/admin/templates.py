"""Templates: texts of an account with gaps `{1}`, `{2}`, …, which a request fills by `param` (wire contract, 4.2).

Programs have their template numbers built in, so the operator may choose the number. A text is never sent with an unfilled gap
or without one of its parameters, since nobody wrote such a text.
"""

from collections.abc import Mapping

from hongyan.model.act import Act, AuditAction
from hongyan.model.errors import Conflict, Invalid, NotFound
from hongyan.model.refusal import Code, Refusal
from hongyan.model.template import GAP, TemplateChange, gaps_of
from hongyan.ports.tx.config import ConfigTx
from hongyan.services.admin.accounts import find_account

TEMPLATES_MOST = 10_000
"""The most templates of one account."""


def filled(text: str, parameters: str) -> str:
    """Returns the text with its gaps filled. raises: Refusal PARAMETERS_EMPTY, PARAMETER_BAD

    parameters: of `{1}`, `{2}`, …, by comma; a gap may stand in the text more than once
    """
    wanted = gaps_of(text)
    if wanted and not parameters.strip():
        raise Refusal(Code.PARAMETERS_EMPTY)
    values = parameters.split(",") if parameters.strip() else []
    if len(values) != wanted:
        raise Refusal(Code.PARAMETER_BAD, name=f"param ({len(values)} of {wanted})")
    return GAP.sub(lambda gap: values[int(gap[1]) - 1], text)


def add_template(tx: ConfigTx, act: Act, account: str, template: TemplateChange) -> str:
    """Add a template, under the next number where none is given; returns its number. raises: NotFound, Conflict, Invalid"""
    account_id, number = find_account(tx, account)["id"], template.number or ""
    known = {row["number"] for row in tx.rows_of("template", account_id=account_id)}
    if number in known:
        raise Conflict("{account} has a template {number} already", account=account, number=number)
    if len(known) >= TEMPLATES_MOST:
        raise Invalid("an account has {most:,} templates at most", most=TEMPLATES_MOST)
    number = number or str(max((int(each) for each in known if each.isdecimal()), default=0) + 1)
    _add(tx, act, account, account_id, template.columns() | {"number": number})
    return number


def put_templates(tx: ConfigTx, act: Act, account: str, texts: Mapping[str, str]) -> None:
    """Add templates by number, or give those that are there other texts. raises: NotFound, Invalid"""
    account_id = find_account(tx, account)["id"]
    known = {row["number"]: row for row in tx.rows_of("template", account_id=account_id)}
    if len(known.keys() | texts.keys()) > TEMPLATES_MOST:
        raise Invalid("an account has {most:,} templates at most", most=TEMPLATES_MOST)
    for number, text in texts.items():
        if number in known:
            tx.change_row("template", known[number]["id"], text=text)
            tx.audit(act, AuditAction.TEMPLATE_CHANGE, f"{account} {number}", {"text": known[number]["text"]}, {"text": text})
        else:
            _add(tx, act, account, account_id, {"number": number, "text": text})


def _add(tx: ConfigTx, act: Act, account: str, account_id: int, columns: Mapping[str, str]) -> None:
    tx.add_row("template", id=act.new_id(), account_id=account_id, made_ms=act.now_ms, **columns)
    tx.audit(act, AuditAction.TEMPLATE_ADD, f"{account} {columns['number']}", {}, {"text": columns["text"]})


def remove_template(tx: ConfigTx, act: Act, account: str, number: str) -> None:
    """raises: NotFound"""
    rows = tx.rows_of("template", account_id=find_account(tx, account)["id"], number=number)
    if not rows:
        raise NotFound("{account} has no template {number}", account=account, number=number)
    tx.drop_row("template", rows[0]["id"])
    tx.audit(act, AuditAction.TEMPLATE_REMOVE, f"{account} {number}", {"text": rows[0]["text"]}, {})
