"""Files that hold a secret, as people's editors write them."""

import pytest

from hongyan.cli.exits import Stop
from hongyan.cli.secrets import read_secret


@pytest.mark.parametrize("octets", [b"abc123", b"abc123\n", b"abc123\r\n", b"\xef\xbb\xbfabc123\r\n"])
def test_a_secret_is_the_one_line_of_its_file(tmp_path, octets):
    file = tmp_path / "secret"
    file.write_bytes(octets)

    assert read_secret(file, "secret") == "abc123"


@pytest.mark.parametrize("octets", [b"", b"\xef\xbb\xbf", b"a\nb", b"\xff", b"a\x00", b"a" * 65])
def test_what_is_no_secret_is_refused(tmp_path, octets):
    file = tmp_path / "secret"
    file.write_bytes(octets)

    with pytest.raises(Stop):
        read_secret(file, "secret")
