"""Errors as problem+json (RFC 9457): what happened and what to do, in the words of the registry, with a code for programs."""

import secrets
from collections.abc import Mapping
from typing import Any

import orjson
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import N_, _, column_head, language, refusal_cause, with_cure
from hongyan.model.errors import AdminError
from hongyan.model.refusal import Code, Refusal
from hongyan.web.pages import STATUS

MEDIA = "application/problem+json"

_WORDS = {
    401: (N_("no token, or one that is over, was shown"), N_("send Authorization: Bearer with a token of `hongyan token add`")),
    403: (N_("the role of the token does not permit this"), N_("use a token with another role")),
    404: (N_("there is no such call"), N_("look into /api/v1/openapi.json")),
    405: (N_("this call takes another method"), N_("look into /api/v1/openapi.json")),
    413: (N_("the body is too large"), N_("send less at once")),
    415: (N_("the body is not of application/json"), N_("send JSON, and say so in Content-Type")),
}

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "cause": {"type": "string"},
        "cure": {"type": "string"},
        "field": {"type": "string"},
        "error_id": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail", "code", "cause", "cure"],
    "additionalProperties": False,
}


def problem(
    status: int,
    code: str,
    cause: str,
    cure: str,
    *,
    headers: Mapping[str, str] | None = None,
    field: str = "",
    error_id: str = "",
) -> Response:
    detail = with_cure(cause, cure, language())
    body = {
        "type": f"urn:hongyan:problem:{code}",
        "title": cause,
        "status": status,
        "detail": detail,
        "code": code,
        "cause": cause,
        "cure": cure,
    }
    more = {name: value for name, value in (("field", field), ("error_id", error_id)) if value}
    return Response(orjson.dumps(body | more), status, headers, MEDIA)


async def of_admin_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, AdminError)
    facts = error.facts | ({"field": column_head(str(error.facts["field"]))} if "field" in error.facts else {})
    field = str(error.facts.get("field", ""))
    status = STATUS.get(type(error), 500)
    return problem(status, error.code, _(error.sentence, **facts), _(error.cure, **facts), field=field)


async def of_refusal(_request: Request, error: Exception) -> Response:
    """Returns the problem of a Refusal; its code is that of the registry, and of the interfaces."""
    assert isinstance(error, Refusal)
    status = 429 if error.code is Code.LOGIN_SLOWED else 409
    return problem(status, error.code.name.lower(), refusal_cause(error, language()), _(error.code.words.cure))


async def of_status(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    cause, cure = _WORDS.get(error.status_code, (N_("this did not work"), ""))
    return problem(error.status_code, f"http-{error.status_code}", _(cause), _(cure), headers=error.headers)


async def of_bug(request: Request, error: Exception) -> Response:
    """Returns the problem of a bug: a short id for the person, and the same id in the log."""
    error_id = secrets.token_hex(4)
    structlog.get_logger().error("unexpected_error", error_id=error_id, path=request.url.path, exc_info=error)
    body = _("something broke on our side ({error_id})", error_id=error_id)
    return problem(500, "internal", body, _("tell the operator this number"), error_id=error_id)
