"""The audit: who changed what, before and after, page by page."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import column_head
from hongyan.model.staff import Permission
from hongyan.services.queries import pages
from hongyan.services.queries.pages import NEWEST
from hongyan.services.queries.pages import Page as AuditPage
from hongyan.web.access import Page, person_of
from hongyan.web.forms import whole
from hongyan.web.pages import show
from hongyan.web.screens.screen import Screen

MOST = 50
COLUMNS = ("at_ms", "actor", "action", "subject", "detail")
_ASKED = ("actor", "action", "subject")
_LONGEST = 60  # characters of a value


class AuditScreen(Screen):
    def pages(self) -> list[Page]:
        return [Page("/audit", self.audit, Permission.AUDIT)]

    async def audit(self, request: Request) -> Response:
        asked = {name: request.query_params.get(name, "").strip() for name in _ASKED}
        before = whole(request.query_params.get("before") or NEWEST, "before")
        full = person_of(request).may(Permission.PHONES)
        rows = await self.admin.read(pages.audit_page, AuditPage(before, MOST + 1), **asked, full=full)
        shown = [row | {"detail": _detail(row)} for row in rows[:MOST]]
        after = rows[MOST - 1]["id"] if len(rows) > MOST else None
        return show(request, "screens/audit.html", {"rows": shown, "columns": COLUMNS, "asked": asked, "after": after})


def _detail(row: dict[str, Any]) -> str:
    """What changed: the fields that differ, with both values; only the new one of what is new, where it says something."""
    before, after = row["before"], row["after"]
    if not isinstance(before, dict) or not isinstance(after, dict):
        return ""
    names = [name for name in dict.fromkeys([*before, *after]) if (before.get(name) or "") != (after.get(name) or "")]
    return ", ".join(f"{column_head(name)}: {_change(before.get(name), after.get(name))}" for name in names)


def _change(before: Any, after: Any) -> str:
    return " → ".join(str(value)[:_LONGEST] for value in (before, after) if value is not None)
