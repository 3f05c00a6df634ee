"""The console behind a real listener, and browsers that keep cookies."""

import re
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import pyotp
import pytest
import uvloop
from starlette.applications import Starlette
from starlette.routing import Mount
from yarl import URL

from hongyan.compose.admin_store import DatabaseAdminStore
from hongyan.http.address import address_block
from hongyan.http.server import Listener, TlsFiles
from hongyan.model.act import Actor
from hongyan.model.alarm import NoticeResult
from hongyan.model.approval import AloneRule
from hongyan.model.ids import IdSource
from hongyan.model.owed import Pushed, PushOutcome
from hongyan.model.staff import Role, StaffChange
from hongyan.services.admin import staff
from hongyan.services.admin.bearer import new_bearer
from hongyan.services.admin.login_guard import LoginGuard
from hongyan.services.admin.logins import Logins
from hongyan.services.admin.passwords import hash_password
from hongyan.services.admin.sealing import Sealer
from hongyan.services.admin.sessions import SessionRule
from hongyan.settings.settings import Settings
from hongyan.web.console import console
from hongyan.web.ops import Check
from hongyan.web.pages import BROWSER_FILES

PASSWORD = "correct horse 7"
_CSRF = re.compile(r'name="csrf" value="([^"]*)"')
_KEY = re.compile(r"<code>([A-Z2-7]{32})</code>")


class IdleServer:
    """A process that serves and has no links; a test says which listeners and sessions it has."""

    def __init__(self):
        self.ports, self.sessions = {}, {}

    async def links(self):
        return {}

    async def pdus(self, channel, *, clear=False):
        return None

    async def listeners(self):
        return self.ports

    async def session_pdus(self, session_id):
        return self.sessions.get(session_id)

    async def checks(self):
        return [Check("database", is_good=True)]


class Tried:
    """Trials in which all goes well."""

    async def push(self, account):
        return Pushed(PushOutcome.TAKEN, 200, "0", 1_780_000_000_000, 12)

    async def notice(self):
        return NoticeResult.SENT

    async def channel(self, name, phone, text):
        return SimpleNamespace(
            is_good=True, login="ok", login_ms=3, answer={"result": "accepted"} if phone else {}, report={}, beside="", pdus=[]
        )


class Browser:
    """A browser that keeps cookies and says where its requests come from. It follows no redirect by itself."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session, self.url = session, url
        self.csrf = ""
        self.site: str | None = "same-origin"

    async def ask(self, method: str, path: str, form: dict | None = None, headers: dict | None = None):
        """Status, headers and text."""
        seen = ({"Sec-Fetch-Site": self.site} if self.site else {}) | (headers or {})
        async with self._session.request(method, self.url + path, data=form, headers=seen, allow_redirects=False) as answer:
            text = await answer.text(errors="replace")
        if found := _CSRF.search(text):
            self.csrf = found[1]
        return answer.status, answer.headers, text

    async def get(self, path: str, **headers: str):
        return await self.ask("GET", path, headers=headers)

    async def post(self, path: str, **form: str):
        return await self.ask("POST", path, {"csrf": self.csrf} | form)

    async def log_in(self, name: str, password: str = PASSWORD):
        """Up to where the second factor is asked for."""
        self.csrf = ""
        await self.get("/login")
        answer = await self.post("/login", name=name, password=password)
        await self.get(answer[1].get("Location", "/login"))
        return answer

    async def come_in(self, name: str) -> None:
        """All the way, setting up a second factor where it is asked for."""
        _, headers, _ = await self.log_in(name)
        if headers["Location"].startswith("/login/second-factor"):
            _, _, text = await self.get("/login/second-factor")
            await self.post("/login/second-factor", code=pyotp.TOTP(_KEY.search(text)[1]).now())
        status, _, _ = await self.get("/me")
        assert status == 200

    @property
    def cookie(self) -> str:
        (cookie,) = [one for one in self._session.cookie_jar if one.key == "hongyan_session"]
        return cookie.value

    @cookie.setter
    def cookie(self, value: str) -> None:
        self._session.cookie_jar.update_cookies({"hongyan_session": value}, URL(self.url))


class Site:
    """The console on a port of its own, over a store in which there is somebody of every role."""

    def __init__(
        self,
        admin: DatabaseAdminStore,
        *,
        asks_second_factor: bool = True,
        tls: TlsFiles | None = None,
        environment: str = "live",
    ) -> None:
        self.admin = admin
        self.rule = SessionRule(30 * 60_000, 12 * 3_600_000, asks_second_factor)
        self.logins = Logins(admin, LoginGuard(admin.now_ms, address_block), self.rule)
        self.server = IdleServer()
        alone = AloneRule(1_000, prices=False)
        self.app = console(admin, self.logins, self.server, Tried(), alone, environment=environment)
        served = Starlette(routes=[BROWSER_FILES.route(), Mount("/", self.app)])
        self._listener, self._scheme = Listener(served, "127.0.0.1", 0, tls=tls), "https" if tls else "http"

    async def start(self, *, is_new: bool = True) -> None:
        """is_new: nobody is in the store yet"""
        if is_new:
            await self._employ()
        await self._listener.open()
        await self._listener.start()

    async def _employ(self) -> None:
        hashed = hash_password("x", PASSWORD)
        for role in Role:
            await self.admin.change(staff.add_staff, role.value, StaffChange(role=role), new_bearer())
            await self.admin.change(staff.store_password, role.value, hashed)

    async def stop(self) -> None:
        await self._listener.stop(1)

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._listener.port}"

    @asynccontextmanager
    async def browser(self):
        jar = aiohttp.CookieJar(unsafe=True)  # cookies of an address are cookies too
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            yield Browser(session, self.url)


@pytest.fixture
def admin(sqlite_store, tmp_path: Path) -> DatabaseAdminStore:
    ids = IdSource(900)
    return DatabaseAdminStore(Settings(data=tmp_path), sqlite_store, Sealer(bytes(32)), lambda: ids, Actor("system", "test"))


@pytest.fixture
def browse(admin):
    """`browse(go)`: runs `await go(site)` while the console runs."""

    def run(go, *, is_new=True, **rules):
        async def inside():
            site = Site(admin, **rules)
            await site.start(is_new=is_new)
            try:
                return await go(site)
            finally:
                await site.stop()

        return uvloop.run(inside())

    return run
