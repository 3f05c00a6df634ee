"""The certificate of a process: how long it lasts, and how it is read again."""

import ssl
from pathlib import Path

import structlog
from tests.certificate import certificate

from hongyan.compose.certificate import Certificate, end_ms
from hongyan.model.alarm import USUAL, AlarmKind
from hongyan.model.ids import DAY_MS

END_MS = 4_731_436_800_000  # tests.certificate: 36,500 days from 2020 on


def test_its_end_is_that_of_the_first_certificate_in_the_file(tmp_path):
    file, key = map(Path, certificate(tmp_path, "one"))

    assert end_ms(file) == END_MS
    assert end_ms(key) == end_ms(tmp_path / "none") == 0


def test_it_is_to_be_looked_at_a_fortnight_before_its_end(tmp_path):
    file, _ = map(Path, certificate(tmp_path, "one"))

    ahead_ms = USUAL[AlarmKind.CERTIFICATE_ENDS].threshold * DAY_MS

    assert Certificate(file).warning(END_MS - ahead_ms - 1) == ""
    assert f"{file.name} ends on 2119-12-08" in Certificate(file).warning(END_MS - ahead_ms)
    assert f"{file.name} ended on 2119-12-08" in Certificate(file).warning(END_MS + 1)
    assert Certificate(None).warning(END_MS + 1) == ""


def test_reading_it_again_says_what_came_of_it(tmp_path):
    file, _ = map(Path, certificate(tmp_path, "one"))
    served, read = Certificate(file), []

    def unusable():
        raise ssl.SSLError(1, "key values mismatch")

    with structlog.testing.capture_logs() as lines:
        served.read_again([lambda: read.append(1), unusable])
        served.read_again([lambda: read.append(2)])
        Certificate(None).read_again([lambda: read.append(3)])

    assert [(line["event"], line.get("what"), line.get("ends")) for line in lines] == [
        ("certificate_unusable", "key values mismatch", None),
        ("certificate_read", None, "2119-12-08 08:00:00.000"),
    ]
    assert read == [1, 2]
