"""The menu: the screens, and which of them a person may open."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import LiteralString

from hongyan.i18n import N_
from hongyan.model.staff import Permission


@dataclass(frozen=True, slots=True)
class MenuItem:
    path: str
    title: LiteralString
    icon: str
    needs: Permission = Permission.SEE
    key: str = ""  # typed after g

    def is_here(self, path: str) -> bool:
        return path == self.path or (self.path != "/" and path.startswith(f"{self.path}/"))


MENU: tuple[tuple[LiteralString, tuple[MenuItem, ...]], ...] = (
    ("", (
        MenuItem("/", N_("Overview"), "home", key="o"),
        MenuItem("/messages", N_("Trace"), "search", key="m"),
        MenuItem("/live", N_("Live"), "activity", key="l"),
        MenuItem("/tasks", N_("Tasks"), "list-check", key="t"),
        MenuItem("/statistics", N_("Statistics"), "chart-bar", key="s"),
        MenuItem("/alarms", N_("Alarms"), "bell"),
    )),
    (N_("Business"), (
        MenuItem("/customers", N_("Customers"), "building"),
        MenuItem("/accounts", N_("Accounts"), "key", key="a"),
        MenuItem("/money", N_("Balances"), "wallet"),
        MenuItem("/statements", N_("Statements"), "file-invoice"),
        MenuItem("/approvals", N_("Second person"), "shield-check", Permission.MONEY),
        MenuItem("/listeners", N_("Listeners"), "server"),
        MenuItem("/sessions", N_("Sessions"), "users"),
        MenuItem("/pushes", N_("Pushes"), "mail-forward", key="p"),
        MenuItem("/replies", N_("Replies"), "messages"),
    )),
    (N_("Carriers"), (
        MenuItem("/channels", N_("Channels"), "plug-connected", key="c"),
        MenuItem("/routes", N_("Routes"), "route", key="r"),
        MenuItem("/codes", N_("Codes"), "info-circle"),
        MenuItem("/unmatched", N_("Unmatched reports"), "receipt"),
    )),
    (N_("Rules"), (
        MenuItem("/signatures", N_("Signatures"), "writing"),
        MenuItem("/templates", N_("Templates"), "file-text"),
        MenuItem("/words", N_("Words"), "ban"),
        MenuItem("/blacklist", N_("Black lists"), "hand-stop"),
        MenuItem("/sites", N_("Sites"), "external-link"),
    )),
    (N_("Platform"), (
        MenuItem("/jobs", N_("Jobs"), "clock"),
        MenuItem("/system", N_("System"), "server"),
        MenuItem("/staff", N_("Staff"), "user", Permission.STAFF),
        MenuItem("/audit", N_("Audit"), "history", Permission.AUDIT),
        MenuItem("/tokens", N_("Tokens"), "key", Permission.STAFF),
        MenuItem("/api", N_("Admin API"), "file-text"),
    )),
)  # fmt: skip


def menu_for(may: Callable[[Permission], bool]) -> list[tuple[LiteralString, list[MenuItem]]]:
    """Returns the menu for a person with these permissions."""
    shown = [(head, [item for item in items if may(item.needs)]) for head, items in MENU]
    return [(head, items) for head, items in shown if items]
