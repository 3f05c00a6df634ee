"""OpenAPI 3.1 of the admin API, made from its calls."""

import re
from collections.abc import Iterable
from typing import Any

from hongyan.i18n import N_, _
from hongyan.model.fields import Field, Param, fields_of, in_groups
from hongyan.web.api import problems
from hongyan.web.api.call import Call
from hongyan.web.api.values import Schema, object_of, schema_of
from hongyan.web.spreadsheets import CSV, WORKBOOK

PREFIX = "/api/v1"

_ABOUT = N_(
    "What the console does, programs do by these calls. Each needs a token with a role (`hongyan token add`), sent as "
    "`Authorization: Bearer …`. Lists come in pages: give `next` of one as `after` of the next. Calls that move money or send "
    "take an `Idempotency-Key`: the same call under the same key is made once, and answered alike, for three days. Moments are "
    "milliseconds since 1970, UTC; points are integers. Phones are masked unless the role sees them. Trouble is answered as "
    "problem+json: `code` for programs, `cause` and `cure` for people, in the language of Accept-Language."
)


def openapi(calls: Iterable[Call], version: str) -> dict[str, Any]:
    """Returns the document, in the language of the caller."""
    listed = list(calls)
    paths: dict[str, dict[str, Any]] = {}
    for call in listed:
        paths.setdefault(_path(call), {})[call.method.lower()] = _operation(call)
    shapes = {shape.name: shape.schema() for call in listed for shape in call.returns.all()}
    return {
        "openapi": "3.1.0",
        "info": {"title": _("Hongyan 鸿雁: admin API"), "version": version, "description": _(_ABOUT)},
        "servers": [{"url": PREFIX}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Problem": problems.SCHEMA, **shapes},
            "responses": {
                "Problem": {
                    "description": _("What happened, and what to do."),
                    "content": {problems.MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
            },
        },
    }


def _path(call: Call) -> str:
    return re.sub(r"\{(\w+):\w+\}", r"{\1}", call.path)


def _operation(call: Call) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": _name(call),
        "summary": _(call.summary),
        "description": _("Needs the permission {permission}.", permission=call.needs.name.lower()),
        "tags": [call.path.split("/")[1]],
        "parameters": _parameters(call),
        "responses": _responses(call),
    }
    if call.takes_body:
        members = _members(call)
        content = {"application/json": {"schema": object_of(members)}}
        described["requestBody"] = {"required": any(one.is_required for one in members), "content": content}
    return described


def _name(call: Call) -> str:
    """accounts-name-topup-post: unique, and stable as long as the path is."""
    words = re.findall(r"\w+", re.sub(r":\w+", "", call.path))
    return "-".join([*words, call.method.lower()])


def _members(call: Call) -> list[Param | Field]:
    named = {param.name for param in call.body}
    fields = [one for one in in_groups(call.of, fields_of(call.of)) if one.name not in named] if call.of else []
    return [*call.body, *fields]


def _parameters(call: Call) -> list[Schema]:
    path = [
        {"name": name, "in": "path", "required": True, "schema": _inner(param), "description": _(param.help)}
        for name, param in call.params.items()
    ]
    query = [
        {
            "name": param.name,
            "in": "query",
            "required": param.is_required,
            "schema": _inner(param),
            "description": _(param.help),
        }
        for param in call.query
    ]
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "schema": {"type": "string", "maxLength": 255},
        "description": _("The same call under the same key is made once."),
    }
    return [*path, *query, *([key] if call.is_once else [])]


def _inner(param: Param) -> Schema:
    schema = {name: value for name, value in schema_of(param).items() if name != "description"}
    return schema | ({"default": param.usual} if isinstance(param.usual, int | str) else {})


def _responses(call: Call) -> dict[str, Any]:
    thing = call.returns.reference()
    if call.is_list:
        place = {"anyOf": [{"type": "string"}, {"type": "null"}]}
        properties = {"items": {"type": "array", "items": thing}, "next": place}
        thing = {"type": "object", "properties": properties, "required": ["items", "next"], "additionalProperties": False}
    content: Schema = {"application/json": {"schema": thing}}
    if call.is_table:
        content |= {kind: {"schema": {"type": "string", "format": "binary"}} for kind in (CSV, WORKBOOK)}
    good = {"description": _("Done."), "content": content}
    bad = [401, 403, 404, 409, 422, *([413, 415] if call.takes_body else [])]
    trouble = {"$ref": "#/components/responses/Problem"}
    return {str(call.status): good, **{str(status): trouble for status in bad}}
