r"""The lines `mobile,text` of a batch, cut while its pieces come.

A line ends where a number and a comma follow a line break; blanks may stand round the number. Other line breaks belong to the
text. `\r` and `\n` written out in a text are line breaks too. In a batch without real line breaks they separate lines, as in the
manual's own example.

A batch longer than one piece is read twice: its lines are counted before any of them is kept. So too many lines are never in
memory.
"""

import re
from codecs import BOM_UTF8, IncrementalDecoder, getincrementaldecoder
from collections.abc import Callable, Iterable
from typing import NamedTuple

from hongyan.formats.bad_batch import BadBatch, Step

MOST_INFLATED = 16 * 1024 * 1024
"""The most octets of lines: 50,000 texts of a hundred Chinese characters."""

_NUMBER = r"[ \t]{0,4}(\+?[0-9]{1,20})[ \t]{0,4},"
_AHEAD = 40  # characters, or octets, behind a line break that decide whether it ends a line
_MOST_BREAKS = 1_000  # in one text, which holds 670 characters: more breaks without a number are no batch
_BREAK = re.compile("\n\ufeff?" + _NUMBER)  # a mark stands before the lines of each entry that .NET writes
_SEPARATOR = re.compile(b"\n(?:" + BOM_UTF8 + b")?" + _NUMBER.encode())
_WRITTEN_BREAK = re.compile(r"\\r\\n" + _NUMBER)


class Batch(NamedTuple):
    """Numbers as they are written, and a text for each."""

    numbers: list[str]
    texts: list[str]


def read_lines(inflate: Callable[[], Iterable[bytes]], most: int, charset: str) -> Batch:
    """Read the lines of a batch.

    inflate: returns its pieces from the start; called once, or twice if there is more than one piece
    most:    the most numbers
    raises:  BadBatch: CHARSET, SIZE, NUMBERS; and what inflate raises
    """
    lines, decoder = _Lines(), getincrementaldecoder(charset)()
    for place, piece in enumerate(inflate()):
        if place == 1:  # most batches have one piece
            _measure(inflate(), most)
        lines.take(_decode(decoder, piece))
    lines.take(_decode(decoder, b"", is_last=True))
    lines.end()
    if len(lines.batch.numbers) > most:
        raise BadBatch(Step.NUMBERS)
    return lines.batch


def _measure(pieces: Iterable[bytes], most: int) -> None:
    """Raises BadBatch: SIZE, and NUMBERS if more line breaks than `most` are followed by a number."""
    size, count, left = 0, 0, b"\n"
    for piece in pieces:
        size += len(piece)
        if size > MOST_INFLATED:
            raise BadBatch(Step.SIZE)
        octets = left + piece
        last = octets.rfind(b"\n", -_AHEAD)  # what follows it is seen with the next piece
        end = last if last >= 0 else len(octets)
        count, left = count + len(_SEPARATOR.findall(octets, 0, end)), octets[end:]
        if count > most:
            break
    if count + len(_SEPARATOR.findall(left)) > most:
        raise BadBatch(Step.NUMBERS)


def _decode(decoder: IncrementalDecoder, octets: bytes, *, is_last: bool = False) -> str:
    """Returns the characters; the octets of an incomplete one stay in the decoder."""
    try:
        return decoder.decode(octets, is_last)
    except UnicodeDecodeError as fault:
        raise BadBatch(Step.CHARSET) from fault


class _Lines:
    """Collects each `mobile,text` as soon as its end is known.

    Once a line break shows that a number begins a line, the number is in the batch while its text goes on. What stands before
    the first number is a line as well, whatever it looks like.
    """

    def __init__(self) -> None:
        self.batch = Batch([], [])
        self._begun: list[str] = []  # the unfinished text but for its tail: no separator is in it
        self._tail = ""  # the end of the unfinished text: a line break in it may become a separator with the next piece
        self._breaks = 0  # line breaks in `_begun`

    def take(self, text: str) -> None:
        """Add a piece. raises: BadBatch: SIZE"""
        text = self._tail + text
        last, *found = _BREAK.split(text)
        if found:
            self._end_text(last)
            last = found.pop()
            self._add(found, text)
        self._begun.append(last[:-_AHEAD])
        self._tail = last[-_AHEAD:]
        self._breaks += self._begun[-1].count("\n")
        if self._breaks > _MOST_BREAKS:
            raise BadBatch(Step.SIZE)

    def end(self) -> None:
        """No more comes. If there are no real line breaks, those that are written out separate lines."""
        only = _trimmed("".join(self._begun) + self._tail)
        if self.batch.numbers or "\n" in only:
            self._end_text(self._tail)
        else:
            first, *found = _WRITTEN_BREAK.split(only.removesuffix(r"\r\n"))
            self._add_first(first)
            self._add(found, only)

    def _add(self, found: list[str], source: str) -> None:
        """Add numbers and texts, found in turn in this source. Only what occurs in the source is looked for in each text."""
        texts = found[1::2]
        if "\r" in source or "\n\n" in source:
            texts = [text.rstrip("\r\n") for text in texts]
        self.batch.numbers.extend(found[::2])
        self.batch.texts.extend(map(_unescaped, texts) if "\\" in source else texts)

    def _end_text(self, end: str) -> None:
        text = "".join(self._begun) + end
        if len(self.batch.texts) < len(self.batch.numbers):
            self.batch.texts.append(_unescaped(text.rstrip("\r\n")))
        else:
            self._add_first(_trimmed(text))
        self._begun, self._breaks = [], 0

    def _add_first(self, line: str) -> None:
        if line:
            number, _, text = line.partition(",")
            self.batch.numbers.append(number.strip())
            self.batch.texts.append(_unescaped(text))


def _trimmed(line: str) -> str:
    return line.strip("\r\n").removeprefix("\ufeff")


def _unescaped(text: str) -> str:
    return text.replace("\\r", "\r").replace("\\n", "\n")
