"""Files that pages load: named by their hash, kept for ever, compressed, and all from this host."""

import asyncio
import gzip
import json
from pathlib import Path

import pytest

from hongyan.web.browser_files import BrowserFiles

WEB = Path(__file__).parents[2] / "src" / "hongyan" / "web"


def ask(files: BrowserFiles, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and octets of an answer."""
    from starlette.applications import Starlette

    sent: list[dict] = []
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": named}

    async def receive() -> dict:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict) -> None:
        sent.append(message)

    asyncio.run(Starlette(routes=[files.route()])(scope, receive, send))
    seen = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], seen, b"".join(message.get("body", b"") for message in sent[1:])


def test_a_file_is_kept_for_ever_under_a_name_that_holds_its_hash():
    files = BrowserFiles()
    url = files.url("console.css")

    status, seen, body = ask(files, url, accept_encoding="gzip, br")

    assert url.startswith("/static/console.")
    assert (status, seen["content-type"], seen["content-encoding"]) == (200, "text/css; charset=utf-8", "gzip")
    assert seen["cache-control"] == "public, max-age=31536000, immutable"
    assert gzip.decompress(body) == (WEB / "static" / "console.css").read_bytes()
    assert ask(files, url, if_none_match=seen["etag"])[0] == 304


def test_a_browser_that_cannot_unpack_gets_it_unpacked():
    files = BrowserFiles()

    _, seen, body = ask(files, files.url("htmx.min.js"))

    assert "content-encoding" not in seen
    assert b"htmx" in body


@pytest.mark.parametrize("path", ["/static/console.css", "/static/..%2fassets.py", "/static/made-from", "/static/LICENSES.txt"])
def test_nothing_else_is_served(path):
    assert ask(BrowserFiles(), path)[0] == 404


def test_another_text_has_another_name(tmp_path):
    (tmp_path / "vendor").mkdir()
    (tmp_path / "page.css").write_text("a {}")
    before = BrowserFiles(tmp_path).url("page.css")
    (tmp_path / "page.css").write_text("b {}")

    assert BrowserFiles(tmp_path).url("page.css") != before


def test_a_project_that_was_not_built_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match="was not built"):
        BrowserFiles(tmp_path)


def test_what_is_taken_from_npm_is_there_with_its_licences():
    taken = json.loads((WEB / "package.json").read_text(encoding="utf-8"))["taken"]
    seen = (WEB / "static" / "vendor" / "LICENSES.txt").read_text(encoding="utf-8")

    assert all(BrowserFiles().url(taken["names"].get(name, Path(name).name)) for name in [*taken["files"], "icons.svg"])
    assert [name for name in taken["licenses"] if name not in seen] == []


@pytest.mark.parametrize("source", sorted((WEB / "static").glob("*.*")), ids=lambda source: source.name)
def test_our_own_files_name_no_other_host(source):
    text = source.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")

    assert "http://" not in text
    assert "https://" not in text
