"""Statistics: what was submitted and what became of it, by day, account, channel or code, as a chart and as a table."""

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _, language
from hongyan.model.errors import Invalid
from hongyan.model.ids import DAY_MS
from hongyan.model.staff import Permission
from hongyan.services.queries import statistics
from hongyan.services.queries.statistics import GroupBy, StatisticsQuery, china_day_ms, china_today
from hongyan.web.access import Page
from hongyan.web.forms import words_of
from hongyan.web.lists import FORMS, file_links, table_file
from hongyan.web.pages import show
from hongyan.web.screens.screen import Screen
from hongyan.web.words import filled, head

DAYS_MOST = 366
LINES = ("submitted", "delivered", "failed", "unknown")
STACKED = ("pending", "delivered", "failed", "unknown")
"""What bars stand on each other for: parts of what was submitted, each once."""

_CHARTED_MOST = 40


class StatisticsScreen(Screen):
    def pages(self) -> list[Page]:
        return [
            Page("/statistics", self.statistics, Permission.SEE),
        ]

    async def statistics(self, request: Request) -> Response:
        query, asked = self._asked(request)
        rows = await self.admin.read(statistics.statistics, query)
        if (form := request.query_params.get("form")) in FORMS:
            name = f"hongyan-{asked['by']}-{asked['from']}"
            return table_file(form, name, _("Statistics"), list(rows[0]) if rows else [], rows)
        is_in_time = query.by in {GroupBy.DAY, GroupBy.HOUR}
        names = LINES if is_in_time else STACKED
        is_by_code = query.by is GroupBy.CODE
        charted = [] if is_by_code else [(row[query.by.value], *(row[name] for name in names)) for row in rows[:_CHARTED_MOST]]
        links = _links(asked)
        facts = {
            "rows": rows,
            "asked": asked,
            "columns": list(rows[0]) if rows else [],
            "choices": words_of("by", GroupBy),
            "charted": charted,
            "heads": [head(name) for name in (query.by.value, *names)],
            "kind": "line" if is_in_time else "bar",
            "channels": await self.channel_names(),
            "files": file_links(request),
            "links": links,
            "leads": [filled(links[query.by.value], row) for row in rows[:_CHARTED_MOST]] if query.by.value in links else [],
        }
        return show(request, "screens/statistics.html", facts)

    def _asked(self, request: Request) -> tuple[StatisticsQuery, dict[str, str]]:
        """raises: Invalid"""
        params, day = request.query_params, china_today(self.admin.now_ms())
        asked = {name: params.get(name, "").strip() for name in ("by", "from", "to", "account", "channel")}
        asked["by"] = asked["by"] if asked["by"] in list(GroupBy) else "hour"
        asked["from"] = asked["from"] or day
        asked["to"] = asked["to"] or asked["from"]
        since_ms, until_ms = china_day_ms(asked["from"]), china_day_ms(asked["to"]) + DAY_MS
        if not 0 < until_ms - since_ms <= DAYS_MOST * DAY_MS:
            raise Invalid("the last day is before the first, or more than {most} days after it", most=DAYS_MOST)
        return StatisticsQuery(GroupBy(asked["by"]), since_ms, until_ms, asked["account"], asked["channel"], language()), asked


def _links(asked: Mapping[str, str]) -> dict[str, str]:
    """Returns where a column leads: to the messages that a row counts, by paths whose gaps the row fills."""
    of_row = {"account": "{account}", "channel": "{channel}", "code": "{code}"}
    same = {name: asked[name] for name in ("from", "to", "account", "channel") if asked[name]}
    links = {name: _messages(same, {name: gap}) for name, gap in of_row.items()}
    return links | {"day": _messages(same, {"from": "{day}", "to": "{day}"})}


def _messages(same: Mapping[str, str], of_row: Mapping[str, str]) -> str:
    others = urlencode({name: value for name, value in same.items() if name not in of_row})
    return "/messages/list?" + "&".join([*(f"{name}={gap}" for name, gap in of_row.items()), *([others] if others else [])])
