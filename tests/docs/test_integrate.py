"""Every call of docs/integrate.md and the doors' pages, in order, against a demo: what it prints is what they say, but for ids and times.

The Chinese pages have the same calls (test_docs).
"""

import io
import os
import re
import shlex
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, redirect_stdout
from pathlib import Path
from urllib.parse import quote_plus

from bench.tools import free_port
from tests.docs.pages import ROOT, Block, blocks, integrate_pages, text_of

PATIENCE_S = 60.0  # for a machine that does other things too
DOORS, RECEIVER_PORT = "http://127.0.0.1:8080", "9000"
"""As the page writes them."""

ENVIRONMENT = os.environ | {"LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT / "src")}


@contextmanager
def process(*words: str, at: Path) -> Iterator["subprocess.Popen[str]"]:
    """Python with these words until the block is left."""
    running = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True, cwd=at, env=ENVIRONMENT)
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def get(url: str, data: bytes | None = None, headers: dict[str, str] | None = None) -> str:
    request = urllib.request.Request(url, data, headers or {})
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        return answer.read().decode()


def curl(words: list[str]) -> str:
    """Do what `curl URL -H … -d … --data-urlencode …` does."""
    url, *options = words
    pairs = list(zip(options[::2], options[1::2], strict=True))
    assert {name for name, _ in pairs} <= {"-H", "-d", "--data-urlencode"}
    headers = dict(value.split(": ", 1) for name, value in pairs if name == "-H")
    fields = [
        value if name == "-d" else "=".join(map(quote_plus, value.split("=", 1))) for name, value in pairs if name != "-H"
    ]
    return get(url, "&".join(fields).encode(), headers)


class Reader:
    """Somebody who follows the page at a running demo."""

    def __init__(self, at: Path, welcome: str):
        self.at = at
        self.doors = re.search(r"doors +(\S+)", welcome)[1]
        self.receiver_port = str(free_port())
        self.names: dict[str, object] = {}

    def here(self, text: str) -> str:
        """The page's text with the addresses of this demo."""
        return text.replace(DOORS, self.doors).replace(RECEIVER_PORT, self.receiver_port)

    def types(self, lines: str) -> str:
        """What the last of these lines prints."""
        printed = ""
        for line in self.here(lines).splitlines():
            program, *words = shlex.split(line)
            if program == "curl":
                printed = curl(words)
            else:
                assert program == "hongyan"
                subprocess.run([sys.executable, "-m", "hongyan", *words], cwd=self.at, env=ENVIRONMENT, check=True)
        return printed

    def runs(self, code: str) -> str:
        """What this code prints, with the names of the code before it."""
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(compile(self.here(code), "docs/integrate.md", "exec"), self.names)
        return printed.getvalue()

    def leaves_something_for(self, expected: str) -> None:
        """A pull has something to fetch: a message like the one that it shows, and everything on its way has arrived."""
        mobile = re.search(r"1\d{10}", expected)
        if mobile:
            curl([f"{self.doors}/sms.aspx", "-d", f"action=send&account=demo&password=abc123&content=hello&mobile={mobile[0]}"])
        end = time.monotonic() + PATIENCE_S
        while self._open_messages():
            assert time.monotonic() < end, "no reports came"
            time.sleep(0.05)

    def _open_messages(self) -> int:
        """Messages without a verdict, of the accounts that only the reader sends for."""
        with closing(sqlite3.connect(self.at / "demo-data" / "hongyan.db")) as store:
            [(count,)] = store.execute(
                "SELECT count(*) FROM message JOIN account ON account.id = account_id"
                " WHERE message.state < 10 AND account.name NOT IN ('demo-shop', 'demo-bank')"
            )
        return int(count)


def alike(printed: str) -> str:
    """Without what differs from run to run: times, task ids, balances, and how many of the same kind stand in a row."""
    text = printed.replace("\r\n", "\n").strip()
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME", text)
    text = re.sub(r"\d{16}", "TASK", text)
    text = re.sub(r'((?:remainpoint|overage)(?:>|":")|Amount":|<(?:Amount|Balance)>)\d+', r"\1POINTS", text)
    text = re.sub(r"(<(\w+box)>(?:(?!</\2>).)*</\2>\n)\1+", r"\1", text, flags=re.DOTALL)
    return re.sub(r"(\{[^{}]*\})(?:,\1)+", r"\1", text)


def calls(page: str) -> Iterator[tuple[Block, str | None]]:
    """Each piece of code with what it prints; None where the page shows nothing."""
    found = blocks(page)
    for block, following in zip(found, [*found[1:], None], strict=True):
        if block.language in {"sh", "python"}:
            yield block, following.text if following and following.stands_behind and following.language != "python" else None


def welcome_of(demo: "subprocess.Popen[str]") -> str:
    assert demo.stdout is not None
    lines: list[str] = []
    while "demo-push&" not in "".join(lines):
        line = demo.stdout.readline()
        assert line, "the demo ended"
        lines.append(line)
    return "".join(lines)


def wait_for_port(port: int) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nobody listens on {port}")


def test_every_call_of_the_page_prints_what_the_page_says(tmp_path):
    page = "\n".join(map(text_of, integrate_pages()))
    with ExitStack() as stack:
        demo = stack.enter_context(process("-m", "hongyan", "demo", "--port", "0", "--ops-port", "0", at=tmp_path))
        reader = Reader(tmp_path, welcome_of(demo))
        for block, expected in calls(page):
            if "serve_forever" in block.text:
                receiver = stack.enter_context(process("-c", reader.here(block.text), at=tmp_path))
                wait_for_port(int(reader.receiver_port))
                continue
            if "action=query" in block.text and block.language == "sh":
                reader.leaves_something_for(expected or "")
            printed = reader.types(block.text) if block.language == "sh" else reader.runs(block.text)

            assert expected is None or alike(printed) == alike(expected), block.text

        [pushed] = [block.text for block in blocks(page) if block.language == "text" and not block.stands_behind]
        assert receiver.stdout.readline() == pushed
