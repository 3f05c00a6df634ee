"""People who browse the console: each opens a page now and then, as a person does, and lets live pages refresh themselves."""

import contextlib
import http.client
import itertools
import re
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

from bench.browser import browser, look
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
_FORM = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is logged in; all who browse share that session."""

    url: str
    cookie: str  # name=value


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


def come_in(installation: Installation) -> Person:
    """Somebody new sets a password by the link, is in, and has opened no page yet."""
    link = re.search(
        r"http://\S+/invitation/[\w-]+", installation.command("staff", "add", "walker", "--role", "read-only", "--json")
    )
    assert link is not None
    url, path = urllib.parse.urlsplit(installation.console_url), urllib.parse.urlsplit(link[0]).path
    form = urllib.parse.urlencode({"password": _PASSWORD, "again": _PASSWORD})
    connection = http.client.HTTPConnection(url.netloc, timeout=30)
    connection.request("POST", path, form, _FORM)
    answer = connection.getresponse()
    connection.close()
    assert answer.status == http.HTTPStatus.SEE_OTHER, answer.status
    return Person(url.geturl(), answer.headers["Set-Cookie"].partition(";")[0])


def seen_ms(installation: Installation) -> tuple[Person, dict[str, float]]:
    """When pages are seen in Chromium, where there is one: the login, which is the first page that a browser opens, and the overview of
    somebody who came in, at its first time and again.
    """
    with browser() as running:
        login = look(running, f"{installation.console_url}/login") if running else None
        person = come_in(installation)
        if running is None or login is None:
            return person, {}
        first, again = (look(running, f"{person.url}/", person.cookie) for _ in range(2))
        return person, {
            "login seen ms": login.painted_ms,
            "overview first seen ms": first.painted_ms,
            "overview seen ms": again.painted_ms,
            "overview loaded ms": again.loaded_ms,
        }


def _browse(person: Person, turn: int, ended: threading.Event, took: list[float]) -> None:
    ended.wait(PAUSE_S * turn / PEOPLE)  # they do not begin together
    for path in itertools.islice(itertools.cycle(PATHS), turn, None):
        if ended.is_set():
            return
        began = time.monotonic()
        request = urllib.request.Request(person.url + path, headers={"Cookie": person.cookie})
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()
        took.append(time.monotonic() - began)
        ended.wait(max(0.0, PAUSE_S - took[-1]))
