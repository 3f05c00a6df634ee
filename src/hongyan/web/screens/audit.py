"""The audit: who changed what, before and after, page by page."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _, column_head
from hongyan.model.staff import Permission
from hongyan.services.queries import pages
from hongyan.web.access import Page, person_of
from hongyan.web.forms import Control
from hongyan.web.lists import ListPage, asked_of, page_of, show_list
from hongyan.web.screens.screen import Screen
from hongyan.web.words import head

COLUMNS = ("at_ms", "actor", "action", "subject", "detail")
_ASKED = ("actor", "action", "subject")
_EXAMPLES = {"actor": "staff:admin", "action": "account.change", "subject": "demo"}
_LONGEST = 60  # characters of a value


class AuditScreen(Screen):
    def pages(self) -> list[Page]:
        return [Page("/audit", self.audit, Permission.AUDIT)]

    async def audit(self, request: Request) -> Response:
        asked, full = asked_of(request, *_ASKED), person_of(request).may(Permission.PHONES)
        rows = await self.admin.read(pages.audit_page, page_of(request), **asked, full=full)
        page = ListPage(
            _("Audit"), COLUMNS, [row | {"detail": _detail(row)} for row in rows],
            (_("Nothing was changed like this."), _("Every change of configuration, money or people stands here, with who made it.")),
            [Control(name, head(name), _EXAMPLES[name], value=told) for name, told in asked.items()],
        )  # fmt: skip
        return show_list(request, page)


def _detail(row: dict[str, Any]) -> str:
    """What changed: the fields that differ, with both values; only the new one of what is new, where it says something."""
    before, after = row["before"], row["after"]
    if not isinstance(before, dict) or not isinstance(after, dict):
        return ""
    names = [name for name in dict.fromkeys([*before, *after]) if (before.get(name) or "") != (after.get(name) or "")]
    return ", ".join(f"{column_head(name)}: {_change(before.get(name), after.get(name))}" for name in names)


def _change(before: Any, after: Any) -> str:
    return " → ".join(str(value)[:_LONGEST] for value in (before, after) if value is not None)
