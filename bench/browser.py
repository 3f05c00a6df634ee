"""When pages are seen in Chromium: how long after they were asked for the first text stands there, and all has come."""

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from playwright.sync_api import Browser, sync_playwright

_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
_LOOK_MS = 10
_LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"


@dataclass(frozen=True, slots=True)
class Seen:
    """Milliseconds after a page was asked for."""

    painted_ms: float
    loaded_ms: float


@contextlib.contextmanager
def browser() -> Iterator[Browser | None]:
    """Debian's Chromium, warm; None where there is none."""
    if (path := shutil.which("chromium")) is None:
        yield None
        return
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        look(running, "data:text/html,<p>warm")
        yield running
        running.close()


def look(running: Browser, url: str, cookie: str = "") -> Seen:
    """Open a page as somebody whose browser has nothing of it yet. cookie: name=value"""
    context = running.new_context()
    if cookie:
        name, _, value = cookie.partition("=")
        context.add_cookies([{"name": name, "value": value, "url": url}])
    page = context.new_page()
    page.goto(url, wait_until="load")
    while not page.evaluate(f"{_PAINTED} && {_LOADED}"):  # a page of ours lets nobody wait in it: its policy forbids that
        page.wait_for_timeout(_LOOK_MS)
    seen = Seen(*page.evaluate(f"[{_PAINTED}, {_LOADED}]"))
    context.close()
    return seen
