"""The overview: the platform today beside yesterday, and what needs a person, each with the page where it is mended."""

from dataclasses import dataclass
from typing import Any, LiteralString

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import N_, _
from hongyan.model.hourly import MessageTally
from hongyan.model.ids import DAY_MS, HOUR_MS
from hongyan.model.staff import Stage
from hongyan.ports.admin import AdminStore
from hongyan.ports.tx import Tx
from hongyan.services.queries import alarms, statistics
from hongyan.services.queries.channel_details import all_channels
from hongyan.services.queries.needs import Need, NeedKind, needs
from hongyan.services.queries.statistics import GroupBy, StatisticsQuery, china_day_ms, china_today
from hongyan.web import words
from hongyan.web.access import Page
from hongyan.web.live import Live
from hongyan.web.pages import show
from hongyan.web.screens.screen import Screen

Rows = list[dict[str, Any]]

FIGURES = ("submitted", "delivered", "failed", "unknown")


@dataclass(frozen=True, slots=True)
class NeedWords:
    """A need as a line of the page: its tone, its words, and the page where it is mended."""

    tone: str
    text: LiteralString
    path: str
    button: LiteralString


_DOWN = N_("{name} is down; {count:message waits|messages wait} for it.")
_HELD = N_("{name} is paused; {count:message waits|messages wait} for it.")
_PARKED = N_("{name} does not take what is posted to it; {count:report or reply waits|reports and replies wait}.")
_WORDS = {
    NeedKind.CHANNEL_DOWN: NeedWords(words.BAD, _DOWN, "/channels/{name}", N_("Look at the channel")),
    NeedKind.CHANNEL_HELD: NeedWords(words.WARN, _HELD, "/channels/{name}", N_("Start it")),
    NeedKind.PARKED: NeedWords(words.WARN, _PARKED, "/pushes?account={name}", N_("Look at the pushes")),
    NeedKind.SIGNATURES: NeedWords(
        words.WARN, N_("{count:signature waits|signatures wait} for a decision."), "/signatures?state=pending", N_("Decide")
    ),
    NeedKind.APPROVALS: NeedWords(
        words.WARN, N_("{count:change of money waits|changes of money wait} for a second person."), "/approvals", N_("Decide")
    ),
    NeedKind.BALANCE_LOW: NeedWords(
        words.WARN, N_("{name} has {count:point|points} left."), "/accounts/{name}?tab=money", N_("Top up")
    ),
    NeedKind.CODES: NeedWords(
        words.WARN, N_("{count:code of carriers is|codes of carriers are} not explained."), "/codes", N_("Explain them")
    ),
    NeedKind.BACKLOG_OLD: NeedWords(
        words.WARN, N_("The oldest message for {name} has waited {count} s."), "/channels/{name}", N_("Look at the channel")
    ),
    NeedKind.SUCCESS_LOW: NeedWords(
        words.BAD,
        N_("{name} delivers {count} %, much less than in the week before."),
        "/statistics?by=code&channel={name}",
        N_("Look at the codes"),
    ),
    NeedKind.PUSHES_FAILING: NeedWords(
        words.WARN, N_("{count} % of the posts to {name} fail."), "/pushes?account={name}", N_("Look at the pushes")
    ),
    NeedKind.LEDGER_DIFFERS: NeedWords(
        words.BAD, N_("Wallets differ from what moved them by {count:point|points}."), "/money", N_("Look at the money")
    ),
    NeedKind.CERTIFICATE_ENDS: NeedWords(
        words.WARN, N_("The certificate {name} lasts {count:day|days} more."), "/system", N_("Look at the system")
    ),
}


class OverviewScreen(Screen):
    def __init__(self, admin: AdminStore, live: Live) -> None:
        super().__init__(admin)
        self._live = live

    def pages(self) -> list[Page]:
        return [Page("/", self.overview, Stage.IN), Page("/style", self.style, Stage.IN)]

    async def overview(self, request: Request) -> Response:
        now_ms = self.admin.now_ms()
        hours, before, channels, found, firing = await self.admin.read(_look, now_ms)
        facts = {
            "figures": [_figure(name, hours, before) for name in FIGURES],
            "rows": channels,
            "live": await self._live.channels(),
            "needs": [_line(one) for one in found],
            "firing": firing,
            "heads": [words.head(name) for name in ("hour", *FIGURES)],
            "hours": _by_hour(hours, now_ms),
        }
        return show(request, "screens/overview.html", facts)

    async def style(self, request: Request) -> Response:
        """Show every component, for people who make pages."""
        return show(request, "screens/style.html", {"now_ms": self.admin.now_ms()})


def _look(tx: Tx, now_ms: int) -> tuple[Rows, Rows, Rows, list[Need], Rows]:
    """Returns the hours of today and of yesterday until the same time, the channels, what needs a person, and the alarms that
    fire.
    """
    began, until = china_day_ms(china_today(now_ms)), now_ms // HOUR_MS * HOUR_MS + HOUR_MS
    now = StatisticsQuery(GroupBy.HOUR, began, until)
    before = StatisticsQuery(GroupBy.HOUR, began - DAY_MS, until - DAY_MS)
    firing = [one for one in alarms.alarms(tx, now_ms) if one["state"] == "firing"]
    return statistics.statistics(tx, now), statistics.statistics(tx, before), all_channels(tx), needs(tx), firing


def _by_hour(hours: Rows, now_ms: int) -> list[tuple[Any, ...]]:
    """Returns every hour of today, including those without a submission."""
    found = {row["hour"][-5:]: tuple(row[name] for name in FIGURES) for row in hours}
    count = (now_ms - china_day_ms(china_today(now_ms))) // HOUR_MS + 1
    return [(at, *found.get(at, (0,) * len(FIGURES))) for at in (f"{hour:02}:00" for hour in range(count))]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of today, with its difference from yesterday at this time. share: of all that ended, if that is more useful"""

    title: str
    number: str
    change: str
    tone: str
    share: str = ""


_GOOD_WHEN_MORE = {"submitted": words.IDLE, "delivered": words.GOOD, "failed": words.BAD, "unknown": words.WARN}


def _figure(name: str, hours: Rows, before: Rows) -> Figure:
    now, then = (sum(row[name] for row in rows) for rows in (hours, before))
    head, number, share = words.head(name), words.number(now), _rate(hours) if name == "delivered" else ""
    if not then:
        return Figure(head, number, _("yesterday: {count}", count=words.number(then)), words.IDLE, share)
    change = _("{change} % against {count} yesterday", change=f"{100 * (now - then) / then:+.1f}", count=words.number(then))
    return Figure(head, number, change, _GOOD_WHEN_MORE[name] if now > then else words.IDLE, share)


def _rate(hours: Rows) -> str:
    rate = MessageTally(**{name: sum(row[name] for row in hours) for name in FIGURES}).rate
    return "" if rate is None else f"{rate:.1f} %"


def _line(need: Need) -> dict[str, object]:
    shown = _WORDS[need.kind]
    facts = {"name": need.name, "count": need.count}
    return {
        "tone": shown.tone,
        "text": _(shown.text, name=need.name, count=words.number(need.count)),
        "path": words.filled(shown.path, facts),
        "button": _(shown.button),
        "since_ms": need.since_ms,
    }
