"""hongyan pdu: octets of a carrier protocol, explained."""

import re
import sys
from enum import StrEnum
from typing import Annotated

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.options import Json, argument, noun, option, verb
from hongyan.cli.out import form, print_json, print_one, print_text
from hongyan.wire.describe import Described, fitting, read_octets

app = noun("pdu", "PDUs: the messages of carrier protocols, for people.")


class ProtocolName(StrEnum):
    CMPP2 = "cmpp2"
    CMPP3 = "cmpp3"
    SMGP = "smgp"
    SGIP = "sgip"
    SMPP = "smpp"


@verb(
    app,
    "decode",
    "Say what stands in octets: every field by its name; secrets are hidden.",
    "hongyan pdu decode 00000010000000150000000000000007 --protocol smpp",
    "hongyan pdu decode - --json < captured.hex",
)
def decode(
    octets: Annotated[str, argument("Hex digits, blanks and colons ignored; - reads them from stdin.")],
    protocol: Annotated[
        ProtocolName | None, option("What they speak; else every protocol in which they make sense.", "--protocol")
    ] = None,
    as_json: Json = False,
) -> None:
    raw = _octets(sys.stdin.read() if octets == "-" else octets)
    readings = {str(protocol): read_octets(raw, protocol, clear=True)} if protocol else fitting(raw)
    if not readings:
        raise Stop(Exit.USAGE, "these octets make sense in no protocol; name one with --protocol to see why")
    if as_json:
        print_json({"readings": readings})
        return
    for name, pdus in readings.items():
        for pdu in pdus:
            _print(name, pdu)


def _print(protocol: str, pdu: Described) -> None:
    print_text(f"{protocol} {pdu['pdu']}")
    print_one({f"  {name}": value for name, value in pdu.items() if name != "pdu"}, form(as_json=False))


def _octets(text: str) -> bytes:
    digits = re.sub(r"0x|[\s:]", "", text)
    try:
        return bytes.fromhex(digits)
    except ValueError as error:
        raise Stop(Exit.USAGE, "octets are pairs of hex digits") from error
