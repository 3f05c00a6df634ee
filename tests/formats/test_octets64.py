"""Base64 as customers write it: the quick reader and the lenient one agree on everything."""

from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.formats.octets64 import BadBase64, _read_leniently, read_base64

octets = st.binary(max_size=60)
written = st.one_of(
    st.text(max_size=30),
    st.text('ABCDabcd0123+/-_= \r\n\t%="\\', max_size=24),
    octets.map(lambda one: b64encode(one).decode()),
    octets.map(lambda one: b64encode(one).decode().rstrip("=")),
    octets.map(lambda one: urlsafe_b64encode(one).decode()),
)


def result(read, text):
    try:
        return read(text)
    except BadBase64:
        return None


@given(written)
def test_what_is_read_quickly_is_what_is_read_leniently(text):
    assert result(read_base64, text) == result(_read_leniently, text)


@given(octets, st.sampled_from(["plain", "blanks", "broken", "unpadded", "url-safe", "escaped"]))
def test_every_spelling_of_the_same_octets_is_read(one, spelling):
    text = b64encode(one).decode()
    spelt = {
        "plain": text,
        "blanks": text.replace("+", " "),
        "broken": "\r\n".join(text[start : start + 8] for start in range(0, len(text), 8)),
        "unpadded": text.rstrip("="),
        "url-safe": text.replace("+", "-").replace("/", "_"),
        "escaped": quote(text, safe=""),
    }
    if spelling == "blanks" and text != text.replace("+", " ").strip():
        return  # at its ends a blank is no `+`

    assert read_base64(spelt[spelling]) == one


@pytest.mark.parametrize("text", ["A", "AAAAA", "====", "A===", "é===", '"AA"', "\\u0041AA", "AA\0A"])
def test_what_is_no_base64_is_refused(text):
    with pytest.raises(BadBase64):
        read_base64(text)
