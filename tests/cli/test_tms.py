"""hongyan tms: packs what mms.aspx takes, shows each step, and names the one that fails."""

import base64

import pytest

SHOW = b'<smil><body><par dur="5s"><text src="1.txt"/><img src="2.gif"/></par></body></smil>'


@pytest.fixture
def files(tmp_path):
    made = {"1.txt": "您好".encode("gb2312"), "2.gif": b"GIF89a\1\0\1\0", "mms.smil": SHOW}
    for name, octets in made.items():
        (tmp_path / name).write_bytes(octets)
    return [str(tmp_path / name) for name in made]


def saved(tmp_path, text):
    file = tmp_path / "content.b64"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(file)


@pytest.mark.parametrize("order", ["little", "big"])
def test_what_is_packed_is_unpacked(bare, files, tmp_path, order):
    packed = bare("tms", "pack", *files, *(["--big-endian"] if order == "big" else []))
    done = bare("tms", "unpack", saved(tmp_path, packed.out), "--into", str(tmp_path / "parts"), "--json")

    assert (packed.code, done.code) == (0, 0)
    assert done.json["order"] == order
    assert [(e["name"], e["kind"], e["octets"]) for e in done.json["elements"]] == [
        ("1.txt", "text", 4),
        ("2.gif", "gif", 10),
        ("mms.smil", "smil", len(SHOW)),
    ]
    assert done.json["frames"] == [{"sources": ["1.txt", "2.gif"], "duration_ms": 5000}]
    assert (tmp_path / "parts" / "2.gif").read_bytes() == b"GIF89a\1\0\1\0"


def test_a_tms_is_read_as_it_is_too(bare, files, tmp_path):
    packed = base64.b64decode(bare("tms", "pack", *files).out)

    done = bare("tms", "unpack", saved(tmp_path, packed))

    assert done.code == 0
    assert "frame 1: 1.txt, 2.gif" in done.err


@pytest.mark.parametrize(("octets", "seen"), [
    ("***", "step 1, Base64"),
    (b"a\0\x05\0\0\0only", "step 2, length: element 1"),
    (base64.b64encode(b"never ending name"), "step 2, name: element 1"),
    (b"a.smil\0\x07\0\0\0<smil> ", "step 3, SMIL: a.smil"),
])  # fmt: skip
def test_the_failing_step_is_named(bare, tmp_path, octets, seen):
    done = bare("tms", "unpack", saved(tmp_path, octets))

    assert done.code == 6
    assert seen in done.err


def test_names_cannot_leave_the_folder_and_nothing_is_overwritten(bare, tmp_path):
    octets = b"../../x.txt\0\x01\0\0\0a"
    line = ("tms", "unpack", saved(tmp_path, octets), "--into", str(tmp_path / "a" / "parts"))

    assert bare(*line).code == 0
    assert (tmp_path / "a" / "parts" / "x.txt").read_bytes() == b"a"
    assert not (tmp_path / "x.txt").exists()
    assert bare(*line).code == 8
