"""The batch of BatchSms.ashx: every container, the rules for lines of the wire contract, 2.7, and bombs that never burst."""

import gzip
import io
import tracemalloc
import zipfile
import zlib
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.formats.bad_batch import BadBatch, Step
from hongyan.formats.batch_container import Container
from hongyan.formats.batch_lines import MOST_INFLATED, Batch
from hongyan.formats.zipbatch import pack, read_container, read_octets, unpack, write_content, write_lines

MOST = 100_000
LINES = "13800138000,验证码：1234【华信】\r\n13800138001,验证码：4567【华信】\r\n".encode()
TWO = Batch(["13800138000", "13800138001"], ["验证码：1234【华信】", "验证码：4567【华信】"])
MIB = 1024 * 1024


def archive(*entries, method=zipfile.ZIP_DEFLATED):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as zipped:
        for name, octets in entries:
            zipped.writestr(name, octets)
    return made.getvalue()


def streamed(octets):
    """An archive whose entry says its sizes behind its octets, as Java's ZipOutputStream writes it."""

    class Pipe(io.RawIOBase):
        def __init__(self):
            self.written = b""

        def writable(self):
            return True

        def write(self, more):
            self.written += bytes(more)
            return len(more)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("0", octets)
    return pipe.written


def lines(text):
    """What a batch of these lines says."""
    return unpack(write_content(zlib.compress(text if isinstance(text, bytes) else text.encode())), MOST)


def failing(octets):
    with pytest.raises(BadBatch) as caught:
        read_container(octets, MOST)
    return caught.value.step


@pytest.mark.parametrize("end", ["", "\r\n"])
def test_each_entry_may_begin_with_a_byte_order_mark(end):
    first, second = (f"{number},{text}{end}".encode("utf-8-sig") for number, text in zip(*TWO, strict=True))

    assert read_container(archive(("0", first), ("1", second)), MOST)[1] == TWO
    with pytest.raises(BadBatch):
        read_container(archive(("0", first), ("1", second)), 1)


@pytest.mark.parametrize(
    ("container", "octets"),
    [
        (Container.ZIP, archive(("content.txt", LINES))),
        (Container.ZIP, archive(("目录/", b""), ("目录/内容", LINES))),
        (Container.ZIP, archive(("content", LINES), method=zipfile.ZIP_STORED)),
        (Container.ZIP, archive(("1", LINES[:42]), ("2", LINES[42:]))),
        (Container.ZIP, archive(("1", LINES[:40]), ("2", LINES[42:]))),
        (Container.ZIP, streamed(LINES)),
        (Container.GZIP, gzip.compress(LINES)),
        *[(Container.ZLIB, zlib.compress(LINES, level)) for level in (1, 3, 6, 9)],
        (Container.ZLIB, zlib.compress(LINES) + b"behind"),
        (Container.DEFLATE, zlib.compress(LINES)[2:-4]),
        (Container.PLAIN, LINES),
    ],
    ids=lambda given: getattr(given, "value", ""),  # octets that hold the time have no name of their own
)
def test_a_container_is_known_by_how_it_begins(container, octets):
    assert read_container(octets, MOST) == (container, TWO)
    assert unpack(write_content(octets), MOST) == TWO


def test_broken_lines_and_unescaped_plus_of_base64_are_read():
    content = write_content(zlib.compress(LINES * 50))
    broken = "\r\n".join(content[at : at + 76] for at in range(0, len(content), 76)).replace("+", " ")

    assert "+" in content
    assert len(unpack(broken, MOST).numbers) == 100


@pytest.mark.parametrize(
    "text",
    [
        "1,a\r\n2,b",
        "1,a\n2,b\n",
        "1,a\r\n2,b\r\n\r\n",
        "\r\n1,a\r\n2,b",
        "\ufeff1,a\r\n2,b",
        r"1,a\r\n2,b",
        r"1,a\r\n2,b\r\n",
        r"1,a\r\n2,b" + "\r\n",
        " 1 ,a\n2,b",
        "1,a\r\n 2 ,b",
        "\t1\t,a\n    2    ,b",
        r" 1 ,a\r\n 2 ,b",
    ],
)
def test_lines_are_separated_by_real_breaks_or_by_written_ones(text):
    assert lines(text) == Batch(["1", "2"], ["a", "b"])


@pytest.mark.parametrize(
    ("text", "numbers", "texts"),
    [
        ("1,a,b,c", ["1"], ["a,b,c"]),
        ("1,first\r\nsecond\r\n2,b", ["1", "2"], ["first\r\nsecond", "b"]),
        ("1,first\nno 5, please\n2,b", ["1", "2"], ["first\nno 5, please", "b"]),
        ("1,first\\r\\nsecond\r\n2,b", ["1", "2"], ["first\r\nsecond", "b"]),
        ("1,\\rx\\ny\r\n2,b", ["1", "2"], ["\rx\ny", "b"]),
        ("1,a\\r\\n5,no separator here\r\n2,b", ["1", "2"], ["a\r\n5,no separator here", "b"]),
        (r"1,first\r\nsecond\r\n2,b", ["1", "2"], ["first\r\nsecond", "b"]),
        ("+8613800138000,a\r\n+85291234567,b", ["+8613800138000", "+85291234567"], ["a", "b"]),
        ("1,", ["1"], [""]),
        ("hello", ["hello"], [""]),
        ("hello\r\n1,a", ["hello", "1"], ["", "a"]),
        ("", [], []),
        ("\r\n \r\n", [" "], [""]),
    ],
)
def test_the_rules_for_lines(text, numbers, texts):
    assert lines(text) == Batch([number.strip() for number in numbers], texts)


def test_the_example_of_the_manual_is_two_lines_to_one_number():
    example = r"13800138000,验证码：1234【华信】\r\n13800138000,验证码：4567【华信】"

    assert lines(example) == Batch(["13800138000"] * 2, TWO.texts)


@pytest.mark.parametrize("filler", range(65_500, 65_560, 3))
def test_a_separator_is_seen_wherever_the_bites_end(filler):
    text = f"1,{'x' * filler}\r\n    13800138000    ,{'y' * 40}\r\n+8613800138001,z"

    assert lines(text) == Batch(["1", "13800138000", "+8613800138001"], ["x" * filler, "y" * 40, "z"])


def test_what_follows_a_stream_is_not_looked_at_however_much_is_inflated():
    lines = b"".join(b"138%08d,the same words for everybody\r\n" % number for number in range(20_000))

    assert len(read_container(zlib.compress(lines) + b"behind" * 1_000, MOST)[1].numbers) == 20_000


@pytest.mark.parametrize("line", [b"1,a\n", b" 1 ,a\n"])
@pytest.mark.parametrize("lines", [11, 1_000, 100_000], ids=["one more", "in one piece", "in many pieces"])
def test_more_numbers_than_are_wanted_are_refused(lines, line):
    with pytest.raises(BadBatch) as caught:
        unpack(write_content(line * lines), 10)

    assert caught.value.step is Step.NUMBERS


def test_breaks_and_numbers_inside_of_texts_are_not_counted():
    batch = unpack(write_content(zlib.compress(b"".join(b"%d,a\n\n12\n,\n" % number for number in range(MOST)))), MOST)

    assert (len(batch.numbers), batch.texts[-1]) == (MOST, "a\n\n12\n,")


def test_an_encrypted_archive_is_refused():
    octets = bytearray(archive(("1", LINES)))
    octets[6] |= 1

    assert failing(bytes(octets)) is Step.INFLATE


@pytest.mark.parametrize(
    "octets",
    [
        archive(("1", LINES))[:40],
        archive(("1", LINES), ("2", LINES))[:-200],
        archive(("1", LINES))[: -22 - 47],  # without its directory
        streamed(LINES).replace(b"PK\x07\x08", b"PK\x07\x09"),
        archive(("1", LINES)).replace(b"PK\x01\x02", b"PK\x01\x03"),
        archive(("1", LINES), method=zipfile.ZIP_LZMA),
        archive(("1", LINES), method=zipfile.ZIP_STORED).replace("验".encode(), "证".encode()),  # its checksum is wrong
        gzip.compress(LINES)[:-9],
        zlib.compress(LINES)[:-1],
        zlib.compress(LINES)[:20],
        b"PK\x03\x04",
        b"\x1f\x8b",
        b"\x78\x9c",
    ],
    ids=lambda _: "",
)
def test_what_is_broken_is_refused(octets):
    assert failing(octets) is Step.INFLATE


@pytest.mark.parametrize("content", ["好", "a", "====", "QUJD=QUJD"])
def test_what_is_no_base64_is_refused(content):
    with pytest.raises(BadBatch) as caught:
        read_octets(content)

    assert caught.value.step is Step.BASE64


def test_other_charsets_are_refused():
    assert failing(zlib.compress("1,验证码".encode("gbk"))) is Step.CHARSET


BOMBS = {
    "zlib": lambda: zlib.compress(bytes(64 * MIB)),
    "gzip": lambda: gzip.compress(bytes(64 * MIB)),
    "deflate": lambda: zlib.compress(bytes(64 * MIB))[2:-4],
    "zip": lambda: archive(("1", bytes(64 * MIB))),
    "entries": lambda: archive(*[(str(number), b"1,a\r\n") for number in range(17)]),
    "empty entries": lambda: archive(*[(str(number), b"") for number in range(5_000)]),
    "breaks": lambda: zlib.compress(b"\n" * 32 * MIB),
    "spaced": lambda: zlib.compress(b"\n1".ljust(400, b"\n") * 40_000),
    "one line": lambda: zlib.compress(b"".join(b"%09d" % number for number in range(2 * MIB))),
    "plain": lambda: b"\n" * MIB,
}
"""Made where they are used: making all of them takes seconds."""


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_before_it_stands_in_memory(bomb):
    octets = BOMBS[bomb]()
    tracemalloc.start()
    try:
        assert failing(octets) is Step.SIZE
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 20 * MIB


def test_a_million_lines_are_not_read_to_the_end():
    octets = zlib.compress(b"1,\n" * 4 * MIB)
    tracemalloc.start()
    try:
        assert failing(octets) is Step.NUMBERS
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 5 * MIB


def test_a_large_honest_batch_is_read():
    pairs = [
        (f"138{number:08}", f"尊敬的客户{number}，您的订单{number * 7919}已发货，感谢您的惠顾【鸿雁】")
        for number in range(50_000)
    ]

    assert len(write_lines(pairs)) < MOST_INFLATED
    content = write_content(pack(pairs))
    tracemalloc.start()
    try:
        batch = unpack(content, MOST)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert list(zip(*batch, strict=True)) == pairs
    assert most < 24 * MIB  # the texts themselves are 10


numbers = st.from_regex(r"\+?[0-9]{1,20}", fullmatch=True)
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\\\ufeff"))


@given(st.lists(st.tuples(numbers, words), min_size=1))
def test_what_is_packed_is_unpacked(pairs):
    whole = all(text == text.strip("\r\n") for _, text in pairs)
    found = list(zip(*unpack(write_content(pack(pairs)), MOST), strict=True))

    assert found == pairs or not whole


@given(st.binary())
def test_no_octets_make_a_reader_raise_anything_else(octets):
    for given_octets in (octets, b"PK\x03\x04" + octets, b"\x1f\x8b\x08" + octets, b"\x78\x9c" + octets, zlib.compress(octets)):
        try:
            read_container(given_octets, MOST)
        except BadBatch:
            continue


@given(st.data())
def test_no_archive_that_was_tampered_with_makes_a_reader_raise_anything_else(data):
    octets = bytearray(archive(("内容.txt", LINES), ("2", b"3,c")))
    for _ in range(data.draw(st.integers(1, 6))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_container(bytes(octets), MOST)
    except BadBatch:
        return


@given(st.text())
def test_no_text_makes_a_reader_raise_anything_else(text):
    for content in (text, b64encode(text.encode("utf-8", "surrogatepass")).decode()):
        try:
            unpack(content, MOST)
        except BadBatch:
            continue
