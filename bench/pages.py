"""People who browse the console: each opens a page now and then, as a person does, and lets live pages refresh themselves."""

import contextlib
import http.cookiejar
import itertools
import re
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

from bench.installation import ACCOUNT, Installation

PEOPLE = 10
PAUSE_S = 3.0  # a page each so often, of each person
PATHS = (
    "/",
    "/messages/list",
    "/live",
    "/tasks",
    f"/accounts/{ACCOUNT}",
    "/channels",
    "/statistics",
    "/statistics?by=account",
    "/money",
    "/pushes",
    "/",
)
_PASSWORD = "wild geese fly south"  # noqa: S105  of a store that lives for seconds
_SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is logged in; all who browse share that session."""

    opener: urllib.request.OpenerDirector
    url: str


@contextlib.contextmanager
def browsing(person: Person, took: list[float]) -> Iterator[None]:
    """While it lasts, people browse; adds how long each page took, in seconds."""
    ended = threading.Event()
    people = [threading.Thread(target=_browse, args=(person, turn, ended, took)) for turn in range(PEOPLE)]
    for one in people:
        one.start()
    try:
        yield
    finally:
        ended.set()
        for one in people:
            one.join()


def first_page_s(installation: Installation) -> float:
    """How long the first page takes that anybody opens."""
    began = time.monotonic()
    with urllib.request.urlopen(f"{installation.console_url}/login", timeout=30) as answer:
        answer.read()
    return time.monotonic() - began


def come_in(installation: Installation) -> Person:
    """Somebody new sets a password by the link, and is in."""
    link = re.search(
        r"http://\S+/invitation/[\w-]+", installation.command("staff", "add", "walker", "--role", "read-only", "--json")
    )
    assert link is not None
    path = urllib.parse.urlsplit(link[0]).path
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    form = urllib.parse.urlencode({"password": _PASSWORD, "again": _PASSWORD}).encode()
    url = installation.console_url
    opener.open(urllib.request.Request(url + path, form, _SAME_SITE), timeout=30).close()
    return Person(opener, url)


def _browse(person: Person, turn: int, ended: threading.Event, took: list[float]) -> None:
    ended.wait(PAUSE_S * turn / PEOPLE)  # they do not begin together
    for path in itertools.islice(itertools.cycle(PATHS), turn, None):
        if ended.is_set():
            return
        began = time.monotonic()
        with person.opener.open(person.url + path, timeout=30) as answer:
            answer.read()
        took.append(time.monotonic() - began)
        ended.wait(max(0.0, PAUSE_S - took[-1]))
