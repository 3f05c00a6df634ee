"""Statements: what each wallet had, what moved it and what it had then, and the messages beside; by span, month or day."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.staff import Permission
from hongyan.model.told import Unfit
from hongyan.services.queries import reading, statements
from hongyan.services.queries.statements import Period, StatementQuery
from hongyan.services.queries.statistics import china_day_ms
from hongyan.web.access import Page
from hongyan.web.forms import Control, words_of
from hongyan.web.lists import ListPage, asked_of, show_list
from hongyan.web.screens.screen import Screen
from hongyan.web.screens.statistics import DAY_MS, DAYS_MOST, today
from hongyan.web.spreadsheets import as_csv, as_workbook
from hongyan.web.words import head, pairs

ROWS_MOST = 5_000


class StatementScreen(Screen):
    def pages(self) -> list[Page]:
        return [
            Page("/statements", self.statements, Permission.SEE),
            Page("/statements.csv", self.as_csv, Permission.SEE),
            Page("/statements.xlsx", self.as_workbook, Permission.SEE),
        ]

    async def statements(self, request: Request) -> Response:
        rows, asked = await self._rows(request)
        accounts = [row["name"] for row in await self.admin.read(reading.accounts)]
        page = ListPage(
            _("Statements"), list(rows[0]) if rows else (), rows,
            (_("Nothing in this span."), _("Choose other days, or all accounts.")),
            [
                Control("period", _("Apart by"), value=asked["period"], options=words_of("by", Period)),
                Control("from", _("From the day"), "2026-11-01", value=asked["from"]),
                Control("to", _("To the day"), "2026-11-30", value=asked["to"]),
                Control("account", head("account"), value=asked["account"], options=pairs(accounts)),
            ],
            {"account": "/accounts/{account}"},
            downloads=[(f"/statements.{form}?{request.url.query}", form.upper()) for form in ("csv", "xlsx")],
            note=_("Closing is opening and what was topped up, less what was charged, and what came back or was adjusted."),
        )  # fmt: skip
        return show_list(request, page, ROWS_MOST)

    async def as_csv(self, request: Request) -> Response:
        rows, asked = await self._rows(request)
        return as_csv(f"hongyan-statement-{asked['from']}.csv", *_table(rows))

    async def as_workbook(self, request: Request) -> Response:
        rows, asked = await self._rows(request)
        return as_workbook(f"hongyan-statement-{asked['from']}.xlsx", _("Statements"), *_table(rows))

    async def _rows(self, request: Request) -> tuple[list[dict[str, Any]], dict[str, str]]:
        """raises: Unfit, Missing"""
        asked, day = asked_of(request, "period", "from", "to", "account"), today(self.admin.now_ms())
        asked["period"] = asked["period"] if asked["period"] in list(Period) else Period.WHOLE.value
        asked["from"] = asked["from"] or f"{day[:8]}01"
        asked["to"] = asked["to"] or day
        since_ms, until_ms = china_day_ms(asked["from"]), china_day_ms(asked["to"]) + DAY_MS
        if not 0 < until_ms - since_ms <= DAYS_MOST * DAY_MS:
            raise Unfit("the last day is before the first, or more than {most} days after it", most=DAYS_MOST)
        query = StatementQuery(since_ms, until_ms, asked["account"], Period(asked["period"]))
        rows = await self.admin.read(statements.statement, query)
        return [{"rate_percent" if name == "rate" else name: value for name, value in row.items()} for row in rows], asked


def _table(rows: list[dict[str, Any]]) -> tuple[list[str], list[list[Any]]]:
    names = list(rows[0]) if rows else []
    return [head(name) for name in names], [[row.get(name, "") for name in names] for row in rows]
