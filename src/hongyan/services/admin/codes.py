"""Rules for carriers' codes, set by the operator, and the list of codes without a rule."""

from hongyan.model.act import Act, AuditAction
from hongyan.model.channel import Channel
from hongyan.model.columns import Facts
from hongyan.model.errors import NotFound
from hongyan.model.fields import loaded, usual_columns
from hongyan.model.meaning import CodeRule, CodeRuleChange, Meaning
from hongyan.model.protocol import Protocol
from hongyan.policy.codes import as_ruled, explained, family_of, meaning_of, published
from hongyan.ports.tx.codes import CodesTx
from hongyan.ports.tx.shared import ConfigRowsTx
from hongyan.services.admin.channels import find_channel

EVERY = 0
"""Instead of the id of a channel: all channels."""


def set_code(tx: CodesTx, act: Act, rule: CodeRuleChange, channel_name: str | None) -> None:
    """Set the meaning of a code, on one channel or on all; replaces an earlier one. raises: NotFound"""
    channel_id = find_channel(tx, channel_name)["id"] if channel_name else EVERY
    before = tx.rows_of("code_rule", channel_id=channel_id, code=rule.code)
    for row in before:
        tx.drop_row("code_rule", row["id"])
    after = {"channel_id": channel_id} | usual_columns(CodeRuleChange) | rule.columns()
    tx.add_row("code_rule", id=tx.take_count("code_rule", 1), **after)
    tx.forget_unknown_code(str(rule.code), channel_id or None)
    tx.audit(act, AuditAction.CODE_SET, _subject(str(rule.code), channel_name), before, after)


def unset_code(tx: CodesTx, act: Act, code: str, channel_name: str | None) -> None:
    """Remove the meaning that was set for a code. raises: NotFound"""
    channel_id = find_channel(tx, channel_name)["id"] if channel_name else EVERY
    rows = tx.rows_of("code_rule", channel_id=channel_id, code=code)
    if not rows:
        raise NotFound("nothing was said of the code {code}", code=_subject(code, channel_name))
    tx.drop_row("code_rule", rows[0]["id"])
    tx.audit(act, AuditAction.CODE_UNSET, _subject(code, channel_name), rows[0], {})


def _subject(code: str, channel_name: str | None) -> str:
    return f"{code} on {channel_name}" if channel_name else code


def ruled_codes(tx: ConfigRowsTx) -> dict[int, dict[str, Meaning]]:
    """Returns the operator's rules by channel. A rule of the channel goes before one for all channels."""
    rules = [(row["channel_id"], CodeRule(**loaded(CodeRuleChange, row))) for row in tx.rows_of("code_rule")]
    ordered = sorted(rules, key=lambda pair: pair[0] != EVERY)
    return {
        row["id"]: {
            rule.code: as_ruled(rule, explained(Protocol(row["protocol"]), rule.code))
            for channel_id, rule in ordered
            if channel_id in {EVERY, row["id"]}
        }
        for row in tx.rows_of("channel")
    }


def coded_channels(tx: ConfigRowsTx) -> dict[int, Channel]:
    """Returns every channel with what its codes depend on: name, protocol, rules."""
    codes = ruled_codes(tx)
    return {
        row["id"]: Channel(row["id"], row["name"], Protocol(row["protocol"]), codes=codes[row["id"]])
        for row in tx.rows_of("channel")
    }


def known_codes(tx: CodesTx, channel_name: str | None) -> list[Facts]:
    """Returns the known codes: the operator's rules first, then those that come with Hongyan; of one channel's protocol if
    named. A rule is set for a channel or for all; what comes with Hongyan is of a protocol.

    raises: NotFound
    """
    channels = coded_channels(tx)
    only = find_channel(tx, channel_name)["id"] if channel_name else None
    own = {(row["channel_id"], row["code"]) for row in tx.rows_of("code_rule")}
    ruled = [
        _shown(code, meaning, channel.name, "channel" if (channel.id, code) in own else "all")
        for channel in channels.values()
        if only in {None, channel.id}
        for code, meaning in sorted(channel.codes.items())
    ]
    family = family_of(channels[only].protocol) if only is not None else None
    listed = [_shown(code, meaning, name) for (name, code), meaning in published().items() if family in {None, name}]
    return ruled + listed


def _shown(code: str, meaning: Meaning, where: str, set_for: str = "") -> Facts:
    return {
        "of": where,
        "set_for": set_for,
        "code": code,
        "class": str(meaning.kind),
        "fault": str(meaning.fault),
        "points": str(meaning.points),
        "resend": meaning.may_resend,
        "english": meaning.english,
        "chinese": meaning.chinese,
    }


def unknown_codes(tx: CodesTx) -> list[Facts]:
    """Returns codes that ended messages and have no rule yet, the most frequent first."""
    channels = coded_channels(tx)
    return [
        {name: row[name] for name in ("channel", "code", "seen", "first_ms", "last_ms")}
        for row in tx.unknown_codes()
        if meaning_of(channels[row["channel_id"]], row["code"]) is None
    ]
