"""Addresses that people typed."""

import pytest

from hongyan.http.url import Origin, read_url


@pytest.mark.parametrize(
    ("url", "origin", "host", "path"),
    [
        ("http://a.example/cb?x=1", (False, "a.example", 80), "a.example", "/cb?x=1"),
        ("HTTPS://A.example:8443", (True, "a.example", 8443), "a.example:8443", "/"),
        ("https://a.example:443/#part", (True, "a.example", 443), "a.example", "/"),
        ("http://[::1]:80/a b", (False, "::1", 80), "[::1]", "/a%20b"),
        ("http://a.example/回?b=执&c=%20+", (False, "a.example", 80), "a.example", "/%E5%9B%9E?b=%E6%89%A7&c=%20+"),
        ("http://例子.example/", (False, "xn--fsqu00a.example", 80), "xn--fsqu00a.example", "/"),
        ('http://a.example/a"\\<\x01>', (False, "a.example", 80), "a.example", "/a%22%5C%3C%01%3E"),
    ],
)
def test_an_address_is_read_as_people_write_it(url, origin, host, path):
    target = read_url(url)

    assert (target.origin, target.host, target.path, target.authorization) == (Origin(*origin), host, path, "")


def test_user_and_password_of_an_address_are_shown_to_its_server():
    assert read_url("http://user:p%40ss@a.example/").authorization == "Basic dXNlcjpwQHNz"


@pytest.mark.parametrize(
    "url",
    ["", "cb", "//a/", "http://", "http:///a", "http://[::1", "http://a:99999/", "http://a:b/", "http://a b/", "http://\0/",
     "ftp://a/", "http://a:0/", "http://" + "a" * 300 + "/", "http://u:geheim@/", "http://..例/", "http://a\r\nB: c/"],
)  # fmt: skip
def test_what_is_no_address_is_refused_without_its_words(url):
    with pytest.raises(ValueError, match=r"^not an ") as seen:
        read_url(url)
    assert "geheim" not in str(seen.value)
