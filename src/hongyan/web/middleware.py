"""Middleware of every page: the language, strict headers for browsers, encryption, and the session."""

from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hongyan.i18n import N_, _, using_language
from hongyan.services.admin.logins import Logins
from hongyan.web.access import Session
from hongyan.web.cookies import csrf_token, is_encrypted, read_cookie
from hongyan.web.languages import language_of

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Pictures may be data:, since Tabler's style sheet has small icons so."""

HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_TLS_ONLY = {"strict-transport-security": "max-age=31536000"}

_OPEN_WAY = N_(
    "These pages are not shown over plain HTTP from another machine: passwords could be read on the way. "
    "Use https, or come through a tunnel: ssh -L 8081:127.0.0.1:8081 SERVER"
)


class SecurityHeaders:
    """Adds the headers to every answer. If an answer has no rule for caches, none may keep it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = HEADERS | (_TLS_ONLY if scope.get("scheme") == "https" else {})

        async def send_with(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in given.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with)


class LanguageMiddleware:
    """Puts texts of a request in the language of its person."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with using_language(language_of(HTTPConnection(scope))):
            await self._app(scope, receive, send)


class EncryptedOnly:
    """Refuses browsers on other machines without TLS."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if is_encrypted(HTTPConnection(scope)):
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse(_(_OPEN_WAY) + "\n", 403)(scope, receive, send)


class SessionMiddleware:
    """Finds the session of the cookie."""

    def __init__(self, app: ASGIApp, logins: Logins) -> None:
        self._app, self._logins = app, logins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["hongyan.session"] = await self._session(HTTPConnection(scope))
        await self._app(scope, receive, send)

    async def _session(self, connection: HTTPConnection[Any]) -> Session | None:
        bearer = read_cookie(connection)
        found = await self._logins.find(bearer) if bearer else None
        return Session(found.person, csrf_token(bearer)) if bearer and found else None
