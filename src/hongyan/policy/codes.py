"""The meanings of report and answer codes: those that come with Hongyan, and above them the operator's rules.

A code is looked up among the channel's own rules, then in its protocol's list, then among our own words, then by its family
(`MK:` for all that begin so). Words with a letter in them, such as MK:0011, are CMPP's in any protocol, since aggregators pass
them on. Numbers mean nothing outside their protocol.
"""

import csv
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

from hongyan.model.channel import Channel
from hongyan.model.meaning import CodeClass, CodeRule, Fault, Meaning, Points
from hongyan.model.protocol import Protocol

OURS = "hongyan"
_SPOKEN_BY_ALL = "cmpp"
_VERSIONS = {Protocol.CMPP2: "cmpp", Protocol.CMPP3: "cmpp"}
_LISTS = {"smgp": ("smgp", "smgp_err"), "mm7": ("mm7_status", "mm7_code", "mm7_cn_statustext"), "loopback": ("smpp",)}

_K, _F = CodeClass, Fault
TRAITS: dict[CodeClass, tuple[Fault, Points, bool]] = {
    _K.DELIVERED: (_F.NOBODY, Points.RULE, False),
    _K.PENDING: (_F.NOBODY, Points.RULE, False),
    _K.UNKNOWN: (_F.UNCLEAR, Points.RULE, False),
    _K.NUMBER: (_F.RECIPIENT, Points.RULE, False),
    _K.BARRED: (_F.RECIPIENT, Points.RULE, False),
    _K.ABSENT: (_F.RECIPIENT, Points.RULE, False),
    _K.HANDSET: (_F.RECIPIENT, Points.RULE, False),
    _K.BLACKLISTED: (_F.RECIPIENT, Points.RULE, False),
    _K.CONTENT: (_F.CUSTOMER, Points.RULE, False),
    _K.SIGNATURE: (_F.OPERATOR, Points.RULE, True),
    _K.QUOTA: (_F.OPERATOR, Points.RULE, True),
    _K.THROTTLED: (_F.OPERATOR, Points.RULE, True),
    _K.ROUTE: (_F.OPERATOR, Points.RULE, True),
    _K.REQUEST: (_F.OPERATOR, Points.RULE, True),
    _K.AUTHORITY: (_F.OPERATOR, Points.RULE, True),
    _K.SESSION: (_F.CARRIER, Points.RULE, True),
    _K.ACCOUNT: (_F.OPERATOR, Points.RULE, True),
    _K.NETWORK: (_F.CARRIER, Points.RULE, True),
    _K.CHARGING: (_F.CARRIER, Points.RULE, True),
    _K.EXPIRED: (_F.OPERATOR, Points.RULE, False),
    _K.OTHER: (_F.UNCLEAR, Points.RULE, False),
}
"""Of each class: whose fault it is, what it does to the points, whether another channel may help."""


def meaning_of(channel: Channel | None, code: str) -> Meaning | None:
    """Returns the meaning of a code of this channel; None for an unknown one.

    channel: None if it is gone; then only our own words are known
    """
    if channel is None:
        return published().get((OURS, code))
    return channel.codes.get(code) or _published(family_of(channel.protocol), code)


def ours(code: str) -> Meaning | None:
    """Returns the meaning of one of our own words: it ended a message that no carrier has seen."""
    return published().get((OURS, code))


def family_of(protocol: Protocol) -> str:
    """Returns the name of a protocol's codes, which versions share."""
    return _VERSIONS.get(protocol, str(protocol))


@lru_cache(maxsize=4096)  # the codes that carriers really send: a few hundred
def _published(family: str, code: str) -> Meaning | None:
    known = published()
    lists = _LISTS.get(family, (family,))
    if any(char.isalpha() for char in code) and not code.startswith("0x"):
        lists = (*lists, _SPOKEN_BY_ALL)
    names = [(name, code) for name in (*lists, OURS)]
    if ":" in code:
        names += [(name, f"{code.split(':', maxsplit=1)[0]}:*") for name in lists]
    return next((known[name] for name in names if name in known), None)


def as_ruled(rule: CodeRule, published_one: Meaning | None) -> Meaning:
    """Returns the meaning by an operator's rule. What the rule leaves open is that of its class; texts stay as they were."""
    fault, points, may_resend = TRAITS[rule.kind]
    return Meaning(
        rule.kind,
        fault,
        points if rule.points is None else rule.points,
        may_resend if rule.may_resend is None else rule.may_resend,
        rule.english or (published_one.english if published_one else str(rule.kind)),
        rule.chinese or (published_one.chinese if published_one else str(rule.kind)),
    )


def explained(protocol: Protocol, code: str) -> Meaning | None:
    """Returns the meaning that comes with Hongyan, without the operator's rules."""
    return _published(family_of(protocol), code)


@lru_cache(maxsize=1)
def published() -> Mapping[tuple[str, str], Meaning]:
    """Returns the meanings that come with Hongyan, by list and code."""
    rows = resources.files("hongyan.policy").joinpath("carrier_codes.csv").read_text("utf-8").splitlines()
    return {(row["protocol"], row["code"]): _meaning(row) for row in csv.DictReader(rows)}


def _meaning(row: Mapping[str, str]) -> Meaning:
    kind = CodeClass(row["class"])
    return Meaning(kind, *TRAITS[kind], row["english"], row["chinese"])
