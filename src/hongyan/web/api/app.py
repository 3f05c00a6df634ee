"""The application of the admin API: a route a call, behind a token with the permission that the call names."""

from codecs import BOM_UTF8
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hongyan.i18n import N_
from hongyan.model.approval import AloneRule
from hongyan.model.errors import VALUE_MOST, AdminError, Invalid
from hongyan.model.fields import Change, Param, fields_of
from hongyan.model.refusal import Refusal
from hongyan.ports.admin import AdminStore
from hongyan.services.admin import tokens
from hongyan.services.admin.bearer import Bearer
from hongyan.services.admin.idempotency import KEY_MOST
from hongyan.services.admin.tokens import Holder
from hongyan.web.api import problems
from hongyan.web.api.call import Asked, Call
from hongyan.web.api.openapi import openapi
from hongyan.web.api.table import CALLS
from hongyan.web.api.values import read_json, read_text
from hongyan.web.live import ServerFacts
from hongyan.web.middleware import EncryptedOnly, LanguageMiddleware, SecurityHeaders
from hongyan.web.trials import Trials

_UNKNOWN, _KNOWN = N_("there is no {field} to be said here"), N_("say one of {known}")


class CallRoute(Route):
    """The calls of one path, one for each method."""

    def __init__(self, path: str, calls: Mapping[str, Call], answer: Callable[[Request], Awaitable[Response]]) -> None:
        self.calls = calls
        super().__init__(path, answer, methods=list(calls))


class AdminApi:
    def __init__(self, admin: AdminStore, server: ServerFacts, trials: Trials, alone: AloneRule, version: str) -> None:
        self._admin, self._server, self._trials, self._alone, self._version = admin, server, trials, alone, version

    def app(self) -> Starlette:
        handlers = {
            AdminError: problems.of_admin_error,
            Refusal: problems.of_refusal,
            HTTPException: problems.of_status,
            Exception: problems.of_bug,
        }
        return Starlette(
            routes=[Route("/openapi.json", self._openapi), *map(self._route, _paths())],
            middleware=[Middleware(SecurityHeaders), Middleware(LanguageMiddleware), Middleware(EncryptedOnly)],
            exception_handlers=handlers,
        )

    async def _openapi(self, _: Request) -> Response:
        """Answer everybody: it contains what stands in the documentation."""
        return _json(openapi(CALLS, self._version))

    def _route(self, path: str) -> CallRoute:
        calls = {call.method: call for call in CALLS if call.path == path}

        async def respond(request: Request) -> Response:
            call = calls.get(request.method) or calls["GET"]  # asked by HEAD
            holder = await self._holder(request)
            if call.needs not in holder.permissions:
                raise HTTPException(403)
            asked = await self._asked(request, call, holder)
            answer = await call.answer(asked)
            return answer if isinstance(answer, Response) else _json(call.shown(answer), call.status)

        return CallRoute(path, calls, respond)

    async def _holder(self, request: Request) -> Holder:
        """raises: HTTPException 401"""
        scheme, _space, plain = request.headers.get("authorization", "").partition(" ")
        now_ms = self._admin.now_ms()
        holder = None
        if scheme.lower() == "bearer" and plain:
            holder = await self._admin.read(tokens.find_holder, Bearer(plain.strip()), now_ms)
        if holder is None:
            raise HTTPException(401, headers={"WWW-Authenticate": 'Bearer realm="hongyan"'})
        if holder.is_stale:
            await self._admin.acting(holder.actor).change(tokens.touch_token, holder.token_id)
        return holder

    async def _asked(self, request: Request, call: Call, holder: Holder) -> Asked:
        """raises: Invalid, HTTPException"""
        path = {name: read_text(call.params[name], values) for name, values in request.path_params.items()}
        asked = Asked(
            admin=self._admin.acting(holder.actor),
            server=self._server,
            holder=holder,
            alone=self._alone,
            trials=self._trials,
            path=path,
            given=_of_query(call.query, request),
        )
        if not call.takes_body:
            return asked
        body = await request.body()
        if body and request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise HTTPException(415)
        change, named = _of_body(call, body or b"{}")
        whole = f"{call.method} {request.url.path}\n".encode("utf-8", "replace") + body
        return replace(asked, given={**asked.given, **named}, change=change, key=_key(request), body=whole)


def _of_query(params: tuple[Param, ...], request: Request) -> dict[str, Any]:
    """raises: Invalid, also for a name that comes twice: a program may mean both values"""
    values, known = request.query_params, {param.name: param for param in params}
    _check_known(values, known)
    if len(values.multi_items()) > len(values):
        twice = next(name for name in values if len(values.getlist(name)) > 1)
        raise Invalid("{field} is said more than once", "say it once", field=twice)
    return _given(params, {name: read_text(known[name], text) for name, text in values.items()})


def _of_body(call: Call, body: bytes) -> tuple[Change | None, dict[str, Any]]:
    """Returns the change in a body, which may begin with a byte-order mark (RFC 8259, 8.1), and the values beside it. raises: Invalid"""
    try:
        values = orjson.loads(body.removeprefix(BOM_UTF8))
    except orjson.JSONDecodeError as error:
        raise Invalid("the body is no JSON", "send an object in UTF-8") from error
    if not isinstance(values, dict):
        raise Invalid("the body is no JSON object", "send an object in UTF-8")
    named = {param.name: param for param in call.body}
    fields = {field.name: field for field in fields_of(call.of) if field.name not in named} if call.of else {}
    _check_known(values, [*named, *fields])
    given = _given(call.body, {name: read_json(param, values[name]) for name, param in named.items() if name in values})
    changed = {name: read_json(field, values[name]) for name, field in fields.items() if name in values}
    return (call.of(**changed) if call.of else None), given


def _check_known(names: Iterable[str], known: Collection[str]) -> None:
    """raises: Invalid"""
    for name in names:
        if name not in known:
            raise Invalid(_UNKNOWN, _KNOWN if known else "", field=name[:VALUE_MOST], known=", ".join(known))


def _given(params: tuple[Param, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    for param in params:
        if param.is_required and param.name not in values:
            raise Invalid("{field} is missing", param.kind.cure, field=param.name, **param.kind.facts)
    return {param.name: values.get(param.name, param.usual) for param in params}


def _key(request: Request) -> str:
    key = request.headers.get("idempotency-key", "")
    if len(key) > KEY_MOST:
        raise Invalid("an Idempotency-Key has {most} characters at most", most=KEY_MOST)
    return key


def _json(answer: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(answer, option=orjson.OPT_NON_STR_KEYS), status, media_type="application/json")


def _paths() -> list[str]:
    """Returns each path once; /jobs/replays is matched before /jobs/{number}."""
    return sorted(dict.fromkeys(call.path for call in CALLS), key=lambda path: path.count("{"))
