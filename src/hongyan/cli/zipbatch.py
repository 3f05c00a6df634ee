"""hongyan zipbatch: the content of BatchSms.ashx step by step, for people who write or debug a program."""

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.options import Json, argument, noun, verb
from hongyan.cli.out import Form, print_json, print_rows, say
from hongyan.cli.steps import hexadecimal, print_steps
from hongyan.formats.bad_batch import BadBatch, Step
from hongyan.formats.batch_lines import Batch
from hongyan.formats.zipbatch import pack, read_container, read_octets, write_content, write_lines
from hongyan.i18n import N_, _
from hongyan.model.phone import normalise

app = noun("zipbatch", "The content of BatchSms.ashx, step by step.")

_MOST = 100_000
_HEAD = 16  # octets that show the kind of a container

_CAUSES = {
    Step.BASE64: N_("it is not Base64; was it cut out of something larger?"),
    Step.INFLATE: N_("the container is broken: a part was lost on the way, or it is encrypted"),
    Step.SIZE: N_("it is too large: 16 MiB of lines, 16 entries, or it is a bomb"),
    Step.NUMBERS: N_("there are more than {most:,} lines; split the batch"),
    Step.CHARSET: N_("the lines are not UTF-8; were they written in GBK?"),
}


@verb(
    app,
    "pack",
    "Pack lines of `mobile,text`, and show every step to the value of the form.",
    "hongyan zipbatch pack lines.txt",
    "hongyan zipbatch pack - --json",
)
def pack_lines(
    lines: Annotated[Path, argument("File with a line `mobile,text` for each number, UTF-8; - reads stdin.")],
    as_json: Json = False,
) -> None:
    pairs = _pairs(_read(lines))
    container = pack(pairs)
    content = write_content(container)
    steps = {
        "lines": len(pairs),
        "octets": hexadecimal(write_lines(pairs)),
        "zip": hexadecimal(container),
        "content": content,
        "url_encoded": quote(content, safe=""),
    }
    print_steps(steps, as_json=as_json)
    _check(Batch([number for number, _ in pairs], [text for _, text in pairs]))


@verb(
    app,
    "unpack",
    "Unpack the content of a batch step by step; where it fails, name the step and the likely cause.",
    "hongyan zipbatch unpack content.txt",
    "hongyan zipbatch unpack - --json",
)
def unpack_content(
    content: Annotated[Path, argument("File with the value of `content`; - reads stdin.")], as_json: Json = False
) -> None:
    try:
        octets = read_octets(_read(content).strip("\r\n"))
        container, batch = read_container(octets, _MOST)
    except BadBatch as fault:
        raise Stop(
            Exit.FOUND,
            "{step}: {cause}",
            "hongyan zipbatch pack shows how it is made",
            step=fault.step.value,
            cause=_(_CAUSES[fault.step], most=_MOST),
        ) from fault
    steps = {
        "octets": len(octets),
        "head": hexadecimal(octets[:_HEAD]),
        "container": container.value,
        "lines": len(batch.numbers),
    }
    pairs = [{"mobile": number, "text": text} for number, text in zip(*batch, strict=True)]
    if as_json:
        print_json(steps | {"pairs": pairs})
    else:
        print_steps(steps, as_json=False)
        print_rows("pairs", pairs, Form.TABLE, ("mobile", "text"))
    _check(batch)


def _read(source: Path) -> str:
    try:
        return sys.stdin.read() if str(source) == "-" else source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(Exit.USAGE, "cannot read {source}: {error}", source=source, error=error) from error


def _pairs(text: str) -> list[tuple[str, str]]:
    pairs = []
    for place, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        number, comma, rest = line.partition(",")
        if line.strip() and not comma:
            raise Stop(
                Exit.USAGE, "line {place} has no comma", "write mobile,text; a line break inside a text as \\n", place=place
            )
        if comma:
            pairs.append((number.strip(), rest))
    if not pairs:
        raise Stop(Exit.USAGE, "there are no lines", "write mobile,text, a line for each number")
    return pairs


def _check(batch: Batch) -> None:
    """Print what the door would refuse. raises: Stop FOUND if the whole batch would be refused"""
    phones = [normalise(number) for number in batch.numbers]
    for place, phone in enumerate(phones, 1):
        if phone is None:
            say("line {place}: this is no mobile number, and is left out", place=place)
    twice = [phone for phone, count in Counter(phones).items() if count > 1 and phone is not None]
    if twice:
        places = [place for place, phone in enumerate(phones, 1) if phone == twice[0]]
        raise Stop(
            Exit.FOUND,
            "lines {lines} have the same number: the whole batch is refused (1108)",
            lines=", ".join(map(str, places)),
        )
