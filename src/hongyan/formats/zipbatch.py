"""The batch of BatchSms.ashx: lines `mobile,text`, compressed, in Base64.

source: wire contract, 2.7; manual 001, 1.6
"""

import io
import zipfile
from base64 import b64encode
from collections.abc import Iterable
from functools import partial

from hongyan.formats.bad_batch import BadBatch, Step
from hongyan.formats.batch_container import Container, container_of, inflate
from hongyan.formats.batch_lines import Batch, read_lines
from hongyan.formats.form import UTF8
from hongyan.formats.octets64 import BadBase64, read_base64


def unpack(content: str, most: int, charset: str = UTF8) -> Batch:
    """Read the value of `content`.

    most:    the most numbers
    charset: of the lines, a Python codec
    raises:  BadBatch
    """
    return read_container(read_octets(content), most, charset)[1]


def read_octets(content: str) -> bytes:
    """raises: BadBatch: BASE64"""
    try:
        return read_base64(content)
    except BadBase64 as fault:
        raise BadBatch(Step.BASE64) from fault


def read_container(octets: bytes, most: int, charset: str = UTF8) -> tuple[Container, Batch]:
    """Returns the kind of the octets, and their lines. raises: BadBatch: INFLATE, SIZE, NUMBERS, CHARSET"""
    container = container_of(octets)
    if container is not None:
        return container, _read(container, octets, most, charset)
    try:
        return Container.DEFLATE, _read(Container.DEFLATE, octets, most, charset)
    except BadBatch as fault:  # the first octets of plain lines can look like a stream
        if fault.step in {Step.SIZE, Step.NUMBERS}:
            raise
    return Container.PLAIN, _read(Container.PLAIN, octets, most, charset)


def _read(container: Container, octets: bytes, most: int, charset: str) -> Batch:
    return read_lines(partial(inflate, container, octets), most, charset)


def pack(pairs: Iterable[tuple[str, str]]) -> bytes:
    """Returns a ZIP archive of the lines; line breaks inside a text are written out. Base64 of it is the value of `content`."""
    archive = io.BytesIO()
    entry = zipfile.ZipInfo("content.txt")
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(entry, write_lines(pairs))
    return archive.getvalue()


def write_lines(pairs: Iterable[tuple[str, str]]) -> bytes:
    lines = [f"{number},{text}".replace("\r", "\\r").replace("\n", "\\n") for number, text in pairs]
    return "\r\n".join(lines).encode("utf-8", "replace")


def write_content(container: bytes) -> str:
    return b64encode(container).decode("ascii")
