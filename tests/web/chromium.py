"""A running demo, Debian's Chromium in it, and what a person would stumble over on a page."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.catalogue import catalogue
from typer.testing import CliRunner

from hongyan.cli.app import app
from hongyan.compose.demo_customers import SECRET, SESSION_LOGIN
from hongyan.web.navigation import MENU
from hongyan.web.screens.account_tabs import TABS

ROOT = Path(__file__).parents[2]
AXE = ROOT / "build" / "browser" / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_S = 60.0
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"

PLACES = [
    *(item.path for _, items in MENU for item in items),
    "/messages/list", "/import/words", "/import/blacklist", "/import/signatures", "/import/templates", "/import/codes",
    "/sites/set",
    "/style", "/me", "/messages?what=13800138000", *(f"/accounts/demo-push?tab={tab.name}" for tab in TABS),
    "/accounts/demo/settings", "/accounts/new", "/customers/open", "/routes?whose=13800138000", "/routes/1/settings",
    "/audit?action=account.add", "/channels/demo-cmpp", "/channels/demo-cmpp/settings",
    "/channels/new", "/channels/new/sgip",
    "/listeners/new", "/listeners/demo-smpp", "/listeners/demo-smpp/settings", "/sessions?closed=yes", "/customers/12", "/customers/new",
    "/routes?account=demo&number=13800138000&product=sms", "/words?text=badword&account=", "/pushes?account=demo-push",
    "/statistics?by=code", "/statistics?by=account", "/money?verify=yes", "/blacklist?number=13900139000", "/nowhere",
]  # fmt: skip
"""Every screen, and those behind them that need no number."""


_CJK = re.compile("[\u4e00-\u9fff]")

_OURS = re.compile("鸿雁|中文|签名|验证码|您好|测试|没有包含屏蔽词|未包含非法字符|[\u3010\u3011]")
"""Chinese that an English page may show: names of languages and of ourselves, words of the wire, and what tests wrote."""

_SENTENCES = {
    str(entry.id)
    for entry in catalogue()
    if entry.id and " " in str(entry.id) and "{" not in str(entry.id) and not entry.context
}

FIND = """async atColours => (await axe.run({exclude: ['#explorer']}, {
    resultTypes: ['violations'], preload: false, rules: {'color-contrast': {enabled: atColours},
    'landmark-no-duplicate-main': {enabled: !document.querySelector('#explorer')}}
})).violations.map(one => `axe ${one.id}: ${one.nodes[0].html.slice(0, 200)}`)"""
"""What axe finds on a page. Swagger UI is another's work, and has a main of its own."""


def of_another_language(language: str, text: str) -> list[str]:
    """Lines of a page that are not in its language."""
    lines = text.splitlines()
    if language == "zh":
        return [f"not Chinese: {line}" for line in lines if line.strip() in _SENTENCES]
    return [f"not English: {line}" for line in lines if _CJK.search(_OURS.sub("", line))]


def chromium() -> str:
    """Skips the test where there is none, and says so."""
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("Chromium is missing: apt-get install chromium")
    return found


class Demo:
    """`hongyan demo` with some traffic in it, and an administrator whose password is set."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hongyan", "demo", "--data", folder / "demo", "--port", "0", "--ops-port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
        self.data = folder / "demo"
        self.places: list[str] = []  # behind numbers that this demo gave
        self.password, self.url, self.door = "", "", ""
        for line in self._process.stdout:
            if found := re.search(r"console +(http://127\.0\.0\.1:\d+) .* the password (\S+)", line):
                self.url, self.password = found[1], found[2]
            if found := re.search(r"curl '(http://127\.0\.0\.1:\d+)/", line):
                self.door = found[1]
                break

    def run(self, *words: str, stdin: str = "") -> str:
        """A command, in a thread of this process: Playwright's loop runs in this one."""
        with ThreadPoolExecutor(1) as beside:
            done = beside.submit(CliRunner().invoke, app, [*words, "--data", str(self.data)], input=stdin).result()
        assert done.exit_code == 0, done.output
        return done.stdout

    def seed(self) -> None:
        """What customers, carriers and operators can write, and that looks like a script."""
        self.run("send", "--account", "demo", "--to", "13800138000", "--text", f"{HOSTILE}【鸿雁】")
        sent = self.run(
            "send", "--account", "demo", "--to", "13800138003", "--text", "later", "--at", "2027-01-01 10:00:00", "--json"
        )
        task_id = re.search(r"\d{16}", sent)[0]
        life = self.run("trace", "13800138000", "--json")
        message_id = re.search(r'"id": ?(\d+)', life)[1]
        self.places = [f"/tasks/{task_id}", f"/messages/{message_id}"]
        self.places.append(f"/sessions/{self.session()}?pdus=yes")
        self.run("send", "--account", "demo", "--to", "13800138001", "--text", "验证码 1234【鸿雁】")
        self.run("send", "--account", "demo-trial", "--to", "13800130008", "--text", "Hello【鸿雁】")
        self.run("send", "--account", "demo-push", "--to", "13000130000", "--text", "Hello【鸿雁】")
        self.run("blacklist", "add", "13900139000", "--note", HOSTILE)
        self.run("word", "add", "badword")
        self.run("site", "set", "sms.example.com", "--brand", "Spruce", "--language", "en")
        self.run("template", "add", "demo", HOSTILE + "{1}")
        self.run("sign", "add", "demo", "签名<b>")

    def session(self) -> int:
        """A customer connects by SMPP at a port that no other demo has, sends its texts and leaves; the number of its session."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        self.run("listener", "set", "demo-smpp", "--port", port)
        words = ("sim", "session", "--protocol", "smpp", "--port", port, "--user", SESSION_LOGIN, "--secret-file", "-")
        shown = [sys.executable, "-m", "hongyan", *words]
        wait_until(lambda: not subprocess.run(shown, input=SECRET, check=False, text=True, timeout=PATIENCE_S).returncode)
        return json.loads(self.run("session", "list", "--closed", "--json"))["sessions"][0]["id"]

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.communicate(timeout=PATIENCE_S)
        finally:
            self._process.kill()


@contextmanager
def running_demo(folder: Path, *, is_hostile: bool = False):
    """is_hostile: with texts in it that look like scripts"""
    demo = Demo(folder)
    try:
        if is_hostile:
            demo.seed()
        yield demo
    finally:
        demo.stop()


class Visit:
    """One page after another in one language; what went wrong is kept."""

    def __init__(self, context, url: str) -> None:
        self._url = url
        self.troubles: list[str] = []
        self.page = context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        self.page.on("dialog", lambda dialog: (self.troubles.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.page.on("request", self._asked)
        self._session = context.new_cdp_session(self.page)

    def _heard(self, message) -> None:
        """Content-Security-Policy complains here too. That a page is not found is what the last place is for."""
        if message.type in {"error", "warning"} and "404" not in message.text:
            self.troubles.append(f"console: {message.text}")

    def _asked(self, request) -> None:
        if not request.url.startswith((self._url, "data:")):
            self.troubles.append(f"outside: {request.url}")

    def go(self, path: str) -> None:
        self._session.send("Page.setBypassCSP", {"enabled": False})
        answer = self.page.goto(self._url + path, wait_until="load")
        if answer.status >= 500:
            self.troubles.append(f"status {answer.status}")
        if self.page.locator("figure[data-chart]").count():
            self.page.wait_for_selector("[data-canvas] svg", state="attached")  # which is drawn once the page was painted

    def turn(self, theme: str, width: int) -> None:
        """See the page that is open in another way, as a person does who clicks on the theme and makes the window narrow."""
        if self._theme() != theme:
            self.page.evaluate("document.querySelector('[data-act=theme]').click()")
        assert self._theme() == theme
        self.page.set_viewport_size({"width": width, "height": 900})

    def look(self, *, at_colours: bool = True) -> None:
        """Whether anything is too wide, or hard for somebody to see or to reach. The viewer of the admin API is another's work.

        at_colours: also whether texts stand out from what is behind them, which takes longer than all else
        """
        if self._is_too_wide():
            self.page.wait_for_timeout(500)  # charts follow a window that was made narrow
            if self._is_too_wide():
                self.troubles.append("wider than the window")
        if not self.page.evaluate("'axe' in window"):
            self._session.send("Page.setBypassCSP", {"enabled": True})  # for axe alone, after the page was seen without it
            self._load_axe()
        self.troubles += self.page.evaluate(FIND, at_colours)

    def _load_axe(self) -> None:
        """The tab keeps axe's source, which no page of ours looks for: sending it to every page took most of the time of loading it."""
        if not self.page.evaluate("'axe' in sessionStorage"):
            self.page.evaluate("source => sessionStorage.setItem('axe', source)", AXE.read_text(encoding="utf-8"))
        self.page.evaluate("(0, eval)(sessionStorage.axe), 0")

    def _theme(self) -> str:
        return str(self.page.evaluate("document.documentElement.dataset.bsTheme"))

    def _is_too_wide(self) -> bool:
        return bool(self.page.evaluate("document.documentElement.scrollWidth > innerWidth"))

    def text(self) -> str:
        """What can be read, but for the viewer of the admin API."""
        return self.page.evaluate("document.getElementById('explorer')?.remove(), document.body.innerText")


def log_in(browser, demo: Demo) -> dict:
    """Log in with the name and the password that the demo printed; returns the cookies."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(demo.url)
    page.fill("#name", "admin")
    page.fill("#password", demo.password)
    page.click("main form button")
    page.wait_for_selector("#main")
    return context.storage_state()


def wait_until(holds, seconds: float = PATIENCE_S) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never held"
        time.sleep(0.2)


class Operator:
    """Somebody at the console, whose clicks are counted."""

    def __init__(self, visit: Visit, demo: Demo, language: str) -> None:
        self.visit, self.page, self.clicks = visit, visit.page, 0
        self.demo, self.language = demo, language

    def click(self, selector: str) -> None:
        self.page.click(selector)
        self.clicks += 1

    def menu(self, path: str) -> None:
        self.click(f"aside a[href='{path}']")

    def sure(self, dialog: str) -> None:
        """The question is asked, and answered with yes."""
        self.click(f"[data-act=ask][data-of={dialog}]")
        self.click(f"#{dialog} button:not([data-act])")

    def search(self, what: str) -> None:
        """From any page, by keys alone."""
        self.page.keyboard.press("/")
        self.page.keyboard.type(what)
        self.page.keyboard.press("Enter")

    def notice(self) -> str:
        return self.page.inner_text(".alert-good")
