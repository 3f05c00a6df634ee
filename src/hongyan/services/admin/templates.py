"""Templates: an account's own texts with gaps `{1}`, `{2}`, …, which a request fills by `param` (wire contract, 4.2).

Programs have their template numbers built in, so the operator may say the number. A text is never sent with a gap left or a
parameter left over: that would be what nobody wrote.
"""

import re

from hongyan.model.act import Act
from hongyan.model.errors import Conflict, Invalid, NotFound
from hongyan.model.refusal import Code, Refusal
from hongyan.ports.tx.config import ConfigTx
from hongyan.services.admin.accounts import find_account

GAPS_MOST = 20
CHARACTERS_MOST = 500
TEMPLATES_MOST = 10_000
"""Of one account."""

_GAP = re.compile(r"\{(\d{1,2})\}")
_NUMBER = re.compile(r"[0-9A-Za-z_-]{1,32}")


def filled(text: str, parameters: str) -> str:
    """The text with its gaps filled. raises: Refusal PARAMETERS_EMPTY, PARAMETER_BAD

    parameters: of `{1}`, `{2}`, …, by comma; a gap may stand in the text more than once
    """
    wanted = _gaps(text)
    if wanted and not parameters.strip():
        raise Refusal(Code.PARAMETERS_EMPTY)
    values = parameters.split(",") if parameters.strip() else []
    if len(values) != wanted:
        raise Refusal(Code.PARAMETER_BAD, name=f"param ({len(values)} of {wanted})")
    return _GAP.sub(lambda gap: values[int(gap[1]) - 1], text)


def add_template(tx: ConfigTx, act: Act, account: str, text: str, number: str) -> str:
    """Add a template, under the next number where none is given; returns its number. raises: NotFound, Conflict, Invalid"""
    account_id = find_account(tx, account)["id"]
    _check(text, number)
    known = {row["number"] for row in tx.rows_of("template", account_id=account_id)}
    if number in known:
        raise Conflict("{account} has a template {number} already", account=account, number=number)
    if len(known) >= TEMPLATES_MOST:
        raise Invalid("an account has {most:,} templates at most", most=TEMPLATES_MOST)
    number = number or str(max((int(each) for each in known if each.isdecimal()), default=0) + 1)
    tx.add_row("template", id=act.new_id(), account_id=account_id, number=number, text=text, made_ms=act.now_ms)
    tx.audit(act, "template.add", f"{account} {number}", {}, {"text": text})
    return number


def remove_template(tx: ConfigTx, act: Act, account: str, number: str) -> None:
    """raises: NotFound"""
    rows = tx.rows_of("template", account_id=find_account(tx, account)["id"], number=number)
    if not rows:
        raise NotFound("{account} has no template {number}", account=account, number=number)
    tx.drop_row("template", rows[0]["id"])
    tx.audit(act, "template.remove", f"{account} {number}", {"text": rows[0]["text"]}, {})


def _gaps(text: str) -> int:
    return max((int(gap) for gap in _GAP.findall(text)), default=0)


def _check(text: str, number: str) -> None:
    if not text.strip() or len(text) > CHARACTERS_MOST:
        raise Invalid("a template has 1 to {most} characters", most=CHARACTERS_MOST)
    if {int(gap) for gap in _GAP.findall(text)} != set(range(1, _gaps(text) + 1)) or _gaps(text) > GAPS_MOST:
        raise Invalid("the gaps of a template are {{1}}, {{2}}, …, {most} at most, and none is left out", most=GAPS_MOST)
    if number and not _NUMBER.fullmatch(number):
        raise Invalid("the number of a template has 1 to 32 letters, digits, _ and -")
