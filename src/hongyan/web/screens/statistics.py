"""Statistics: what was submitted and what became of it, by day, account, channel or code, as a chart and as a table."""

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import language
from hongyan.model.errors import Invalid
from hongyan.model.ids import DAY_MS
from hongyan.model.staff import Permission
from hongyan.services.queries import statistics
from hongyan.services.queries.statistics import GroupBy, StatisticsQuery, china_day_ms, china_today
from hongyan.web.access import Page
from hongyan.web.forms import words_of
from hongyan.web.pages import show
from hongyan.web.screens.screen import Screen
from hongyan.web.spreadsheets import as_csv
from hongyan.web.words import head

DAYS_MOST = 366
CHARTED = ("submitted", "delivered", "failed", "unknown")
_CHARTED_MOST = 40


class StatisticsScreen(Screen):
    def pages(self) -> list[Page]:
        return [
            Page("/statistics", self.statistics, Permission.SEE),
            Page("/statistics.csv", self.export, Permission.SEE),
        ]

    async def statistics(self, request: Request) -> Response:
        query, asked = self._asked(request)
        rows = await self.admin.read(statistics.statistics, query)
        is_by_code = query.by is GroupBy.CODE
        charted = (
            [] if is_by_code else [(row[query.by.value], *(row[name] for name in CHARTED)) for row in rows[:_CHARTED_MOST]]
        )
        facts = {
            "rows": rows,
            "asked": asked,
            "columns": list(rows[0]) if rows else [],
            "choices": words_of("by", GroupBy),
            "charted": charted,
            "heads": [head(name) for name in (query.by.value, *CHARTED)],
            "kind": "line" if query.by in {GroupBy.DAY, GroupBy.HOUR} else "bar",
            "channels": await self.channel_names(),
        }
        return show(request, "screens/statistics.html", facts)

    async def export(self, request: Request) -> Response:
        """The same as CSV, as spreadsheets open it."""
        query, asked = self._asked(request)
        rows = await self.admin.read(statistics.statistics, query)
        heads = [head(name) for name in rows[0]] if rows else []
        return as_csv(f"hongyan-{asked['by']}-{asked['from']}.csv", heads, (list(row.values()) for row in rows))

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
