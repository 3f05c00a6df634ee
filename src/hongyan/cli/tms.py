"""hongyan tms: the container that carries an MMS to mms.aspx, step by step."""

import sys
from base64 import b64encode
from pathlib import Path
from typing import Annotated

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.options import Json, argument, noun, option, verb
from hongyan.cli.out import Row, form, print_one, print_rows, print_text, say
from hongyan.cli.parts import write_parts
from hongyan.formats import tms
from hongyan.formats.encoding import read_text
from hongyan.formats.smil import BadSmil, Frame, read_smil
from hongyan.formats.sniff import Kind, kind_of
from hongyan.formats.tms import BadTms, Element
from hongyan.i18n import N_

app = noun("tms", "TMS: the elements of an MMS, as mms.aspx takes them.")

MOST_OCTETS = 4 * 1024 * 1024
"""The most octets of a file that is read."""


@verb(
    app,
    "pack",
    "Put files into a TMS and print its Base64, the value of content; each step is shown.",
    "hongyan tms pack 1.txt 2.jpg mms.smil",
    "hongyan tms pack 1.txt 2.jpg mms.smil --big-endian > content.b64",
)
def pack(
    files: Annotated[list[Path], argument("Files in order; one is the SMIL.")],
    big_endian: Annotated[bool, option("Write lengths as Java's DataOutputStream does.", "--big-endian")] = False,
) -> None:
    elements = [Element(path.name, _read(path)) for path in files]
    order: tms.ByteOrder = "big" if big_endian else "little"
    octets = tms.pack(elements, order)
    say("1. elements: {count}", count=len(elements))
    for element in elements:
        kind = kind_of(element.data).name.lower()
        say("   {name}: {kind}, {octets} octets", name=element.name, kind=kind, octets=len(element.data))
    say("2. frames: {count}", count=len(_frames(elements)))
    say("3. name, zero octet, length ({order}-endian), data: {octets} octets", order=order, octets=len(octets))
    say("4. Base64:")
    print_text(b64encode(octets).decode())


@verb(
    app,
    "unpack",
    "Read a TMS, as Base64 or as it is, and show its elements; the step that fails is named.",
    "hongyan tms unpack content.b64",
    "hongyan tms unpack content.b64 --into parts --json",
)
def unpack(
    file: Annotated[Path, argument("File that holds it; - reads it from stdin.")],
    into: Annotated[Path | None, option("Write the elements into this folder.", "--into")] = None,
    as_json: Json = False,
) -> None:
    octets = _octets(sys.stdin.buffer.read(MOST_OCTETS) if str(file) == "-" else _read(file))
    order, elements = _unpacked(octets)
    say("2. lengths: {order}-endian", order=order)
    rows: list[Row] = [
        {"element": number, "name": e.name, "kind": kind_of(e.data).name.lower(), "octets": len(e.data)}
        for number, e in enumerate(elements, 1)
    ]
    frames = _frames(elements)
    if as_json:
        listed = [{"sources": frame.sources, "duration_ms": frame.duration_ms} for frame in frames]
        print_one({"order": order, "elements": rows, "frames": listed}, form(as_json))
    else:
        print_rows("elements", rows, form(as_json))
        for number, frame in enumerate(frames, 1):
            say("frame {number}: {names}", number=number, names=", ".join(frame.sources))
    if into is not None:
        write_parts(into, [(element.name, element.data) for element in elements])


def _octets(raw: bytes) -> bytes:
    """Decodes Base64; octets that contain a zero are no Base64, but the TMS itself."""
    if b"\0" in raw:
        say("1. Base64: none, the file is the TMS itself")
        return raw
    try:
        octets = tms.read_octets(raw.decode("latin-1").strip())
    except BadTms as fault:
        raise Stop(Exit.FOUND, "step 1, Base64: this is not Base64", "send the whole of the octets, encoded once") from fault
    say("1. Base64: {octets} octets", octets=len(octets))
    return octets


_CURES = {
    tms.Step.NAME: N_("each element begins with its file name in UTF-8 or GB2312 and a zero octet"),
    tms.Step.LENGTH: N_("behind the zero octet stand four octets of length, little-endian, and exactly so many of data"),
    tms.Step.COUNT: N_("put at most {most} elements into one MMS"),
}


def _unpacked(octets: bytes) -> tuple[tms.ByteOrder, list[Element]]:
    try:
        return tms.unpack(octets)
    except BadTms as fault:
        raise Stop(
            Exit.FOUND,
            "step 2, {step}: element {element} cannot be read",
            _CURES[fault.step],
            step=fault.step.value,
            element=fault.element,
            most=tms.MOST_ELEMENTS,
        ) from fault


def _frames(elements: list[Element]) -> list[Frame]:
    """Returns the frames of the only SMIL file; empty if there is no such file, or several."""
    smils = [element for element in elements if kind_of(element.data) is Kind.SMIL]
    if len(smils) != 1:
        say("3. SMIL: there are {count}, and one belongs into an MMS", count=len(smils))
        return []
    try:
        return read_smil(read_text(smils[0].data))
    except BadSmil as fault:
        raise Stop(
            Exit.FOUND, "step 3, SMIL: {name} cannot be read: {fault}", "write well-formed XML", name=smils[0].name, fault=fault
        ) from fault


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            octets = file.read(MOST_OCTETS + 1)
    except OSError as error:
        raise Stop(Exit.USAGE, "cannot read {path}: {reason}", path=path, reason=error) from error
    if len(octets) > MOST_OCTETS:
        raise Stop(Exit.USAGE, "{path} has more than {most} octets", path=path, most=MOST_OCTETS)
    return octets
