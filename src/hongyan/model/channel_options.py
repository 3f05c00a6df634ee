"""The options of a channel: which protocol reads which, and what values they can have."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, ClassVar, LiteralString, NoReturn

from hongyan.model.errors import VALUE_MOST, Invalid
from hongyan.model.fields import Change, Group, described, fields_for, fields_of
from hongyan.model.kinds import NETWORKS, number
from hongyan.model.protocol import LOGGED_IN, MAY_CALL_US, Protocol


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a channel about how messages of its carrier are read.

    wrong: the sentence about a wrong value; its gaps are {option}, {value} and {words}
    """

    wrong: LiteralString
    pattern: re.Pattern[str]
    usual: str = ""  # the value where the option is not given; "": it depends on the protocol
    words: str = ""


def _words(usual: str, *words: str) -> Option:
    return Option(
        "{option} is one of {words}, not {value}", re.compile("|".join(map(re.escape, words))), usual, ", ".join(words)
    )


_YES_NO = ("yes", "no", "true", "false", "on", "off", "1", "0")

OPTIONS: Mapping[str, Option] = {
    "receipt_zone": Option(
        "{option} is UTC, or hours and minutes before or behind it as in +08:00, not {value}",
        re.compile(r"UTC|[+-](0\d|1[0-4]):[0-5]\d"),
        "+08:00",
    ),
    "alphabet": _words("", "gsm", "gsm-packed", "ascii", "latin1", "gb18030", "utf8"),
    "utf8_coding": Option("{option} is a number from 1 to 255, not {value}", re.compile(r"[1-9]\d?|1\d\d|2[0-4]\d|25[0-5]")),
    "guess_header": _words("no", *_YES_NO),
    "pad_client_id": _words("no", *_YES_NO),
}
"""docs/protocols.md says what they mean, and lists the options about what we write."""

_NUMBER = Option("{option} is a whole number, not {value}", re.compile(r"[0-9]{1,6}"))
_SECONDS = Option("{option} is a number of seconds as 10 or 0.5, not {value}", re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?"))
_OF_NUMBERS = dict.fromkeys(
    (
        "source_ton",
        "source_npi",
        "dest_ton",
        "dest_npi",
        "msg_level",
        "fee_usertype",
        "msg_type",
        "priority",
        "carrier_signature",
        "listen_idle_s",
    ),
    _NUMBER,
) | dict.fromkeys(("idle_s", "poll_s", "ask_after_s", "report_delay_s"), _SECONDS)
"""Options that are numbers. Of one that was stored before it was checked the link makes the usual value, or says that it does not fit."""


_READ_BY: tuple[tuple[frozenset[Protocol], str], ...] = (
    (frozenset(Protocol), "receipt_zone"),
    (LOGGED_IN | {Protocol.LOOPBACK}, "carrier_signature carrier_signature_on encoding long"),
    (LOGGED_IN, "alphabet ascii guess_header idle_s keep_open tls tls_ca tls_cert tls_key tls_name tls_verify utf8_coding"),
    (MAY_CALL_US, "allow_ip listen_host listen_port"),
    (
        frozenset({Protocol.CMPP2, Protocol.CMPP3}),
        "fee_terminal_id fee_usertype feecode feetype msg_level service_id sp_id version",
    ),
    (frozenset({Protocol.SGIP}), "agent_flag charge_number corp_id fee_type fee_value given_value mt_flag node priority"),
    (frozenset({Protocol.SGIP}), "listen_idle_s listen_user service_type"),
    (
        frozenset({Protocol.SMGP}),
        "bind charge_term_id fee_code fee_type fixed_fee m_service_id msg_src msg_type pad_client_id priority service_id version",
    ),
    (
        frozenset({Protocol.SMPP}),
        "address_range bind dest_npi dest_ton flash service_type source_npi source_ton submit system_type",
    ),
    (frozenset({Protocol.MM7}), "auth charged_party listen_idle_s listen_path path service_code tls variant vasid vaspid"),
    (frozenset({Protocol.HTTP}), "ask_after_s clientref flash listen_path path poll_s scheme secret_form userid"),
    (frozenset({Protocol.LOOPBACK}), "report_delay_s"),
)

OPTION_PROTOCOLS: Mapping[str, frozenset[Protocol]] = {
    name: frozenset().union(*(protocols for protocols, names in _READ_BY if name in names.split()))
    for _, all_names in _READ_BY
    for name in all_names.split()
}
"""All options, and the protocols that read them; docs/protocols.md says what they mean. Any other one is misspelt."""


def check_options(options: Mapping[str, str]) -> None:
    """Check the OPTIONS among these. An empty option counts as not given. raises: Invalid for a value that it cannot have"""
    _check(options, OPTIONS)


def _check(options: Mapping[str, str], known: Mapping[str, Option]) -> None:
    for name, value in options.items():
        if value and name in known and not known[name].pattern.fullmatch(value):
            raise Invalid(known[name].wrong, option=name, value=value[:VALUE_MOST], words=known[name].words)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOptions(Change):
    """Options of a channel that forms ask for by name. They are kept among its other options."""

    groups: ClassVar[tuple[Group, ...]] = (Group("Connection", ("node", "listen_port", "allow_ip")),)

    node: int | None = described(
        "Our node number at an SGIP gateway: 3, area code, enterprise code.",
        number(1, 2**32 - 1),
        protocols=frozenset({Protocol.SGIP}),
    )
    listen_port: int | None = described(
        "Where a carrier of SGIP, MM7 or http connects to deliver; 0 for nowhere.", number(0, 65_535), protocols=MAY_CALL_US
    )
    allow_ip: tuple[str, ...] | None = described(
        "Address or network that may connect there; may be repeated. Else the host of the carrier.",
        NETWORKS,
        usual=(),
        protocols=MAY_CALL_US,
    )

    def options(self) -> dict[str, str]:
        """Returns them as the channel's options hold them."""
        held = {name: str(value) for name, value in self.columns().items()}
        return {name: value for name, value in held.items() if value}


def named_options(options: Mapping[str, str], protocol: Protocol | None = None) -> dict[str, Any]:
    """Returns those options of a channel that its forms ask for by name. protocol: of the channel; None: any"""
    fields = fields_for(ChannelOptions, protocol) if protocol else fields_of(ChannelOptions)
    return {field.name: field.kind.load(options[field.name]) for field in fields if options.get(field.name)}


def _refuse_name(name: str) -> NoReturn:
    if likely := get_close_matches(name, OPTION_PROTOCOLS, 1):
        raise Invalid("there is no option {name}; did you mean {likely}?", name=name, likely=likely[0])
    raise Invalid("there is no option {name}", name=name)


def checked_options(given: Mapping[str, str]) -> dict[str, str]:
    options = {str(name): str(value) for name, value in given.items()}
    for name in sorted({name for name, value in options.items() if value} - OPTION_PROTOCOLS.keys()):
        _refuse_name(name[:VALUE_MOST])
    check_options(options)
    _check(options, _OF_NUMBERS)
    ChannelOptions(**named_options(options))
    return options


def check_protocol_reads(options: Mapping[str, str], protocol: Protocol) -> None:
    """raises: Invalid for an option that another protocol reads, and this one does not"""
    for name in sorted(name for name, value in options.items() if value and protocol not in OPTION_PROTOCOLS[name]):
        others = ", ".join(sorted(OPTION_PROTOCOLS[name]))
        raise Invalid("{name} is an option of {protocols}, not of {protocol}", name=name, protocols=others, protocol=protocol)
