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

from bench.installation import ACCOUNT, Installation

PEOPLE = 10
PAUSE_S = 3.0  # a page each so often, of each person
PATHS = (
    "/", "/messages/list", "/live", "/tasks", f"/accounts/{ACCOUNT}", "/channels", "/statistics", "/statistics?by=account", "/money",
    "/pushes", "/",
)  # fmt: skip
_PASSWORD = "wild geese fly south"  # noqa: S105  of a store that lives for seconds
_SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


@contextlib.contextmanager
def browsing(house: Installation) -> Iterator[list[float]]:
    """While it lasts, people browse; gives how long each page took, in seconds."""
    opener, url = _come_in(house)
    took: list[float] = []
    ended = threading.Event()
    people = [threading.Thread(target=_browse, args=(opener, url, turn, ended, took)) for turn in range(PEOPLE)]
    for person in people:
        person.start()
    try:
        yield took
    finally:
        ended.set()
        for person in people:
            person.join()


def _come_in(house: Installation) -> tuple[urllib.request.OpenerDirector, str]:
    """Somebody new sets a password by the link, and is in; all of them share that session."""
    link = re.search(r"http://\S+/invitation/[\w-]+", house.command("staff", "add", "walker", "--role", "read-only", "--json"))
    assert link is not None
    path = urllib.parse.urlsplit(link[0]).path
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    form = urllib.parse.urlencode({"password": _PASSWORD, "again": _PASSWORD}).encode()
    url = house.console_url
    opener.open(urllib.request.Request(url + path, form, _SAME_SITE), timeout=30).close()
    return opener, url


def _browse(opener: urllib.request.OpenerDirector, url: str, turn: int, ended: threading.Event, took: list[float]) -> None:
    ended.wait(PAUSE_S * turn / PEOPLE)  # they do not begin together
    for path in itertools.islice(itertools.cycle(PATHS), turn, None):
        if ended.is_set():
            return
        began = time.monotonic()
        with opener.open(url + path, timeout=30) as answer:
            answer.read()
        took.append(time.monotonic() - began)
        ended.wait(max(0.0, PAUSE_S - took[-1]))
