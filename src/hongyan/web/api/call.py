"""A call of the admin API, described once, and what is asked by a request for it."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Concatenate, LiteralString, ParamSpec

import orjson

from hongyan.model.act import Act
from hongyan.model.approval import AloneRule
from hongyan.model.fields import Change, number, text
from hongyan.model.staff import Permission
from hongyan.model.told import Told, Unfit
from hongyan.ports.admin import AdminStore
from hongyan.ports.tx import Tx
from hongyan.services.admin.once import Key, once
from hongyan.services.admin.tokens import Holder
from hongyan.services.queries.pages import NEWEST, Page
from hongyan.web.api.shapes import Shape
from hongyan.web.api.values import Param

P = ParamSpec("P")
Facts = dict[str, Any]

MOST = Param("most", "The most rows of the answer.", number(1, 1_000), usual=100)
AFTER = Param("after", "Where the next page begins: `next` of the page before.", text(500))
PAGING = (MOST, AFTER)

_PLACE = "place"
"""In place of an owner of what is sealed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was read and may be answered."""

    admin: AdminStore  # for acts of the holder
    holder: Holder
    alone: AloneRule
    path: Mapping[str, Any]
    given: Mapping[str, Any]  # what the address, or the body beside the change, says; what is not said is as usual
    change: Any = None  # an instance of the call's class of changes
    key: str = ""  # the Idempotency-Key
    body: bytes = b""  # all that was asked, for that

    @property
    def sees_phones(self) -> bool:
        return self.holder.permissions >= {Permission.PHONES}

    @property
    def after(self) -> Any:
        """The place behind which the page begins; None at first. raises: Unfit"""
        told = self.given["after"]
        if told is None:
            return None
        try:
            return orjson.loads(self.admin.sealer.open(urlsafe_b64decode(told.encode("ascii")), _PLACE))
        except (ValueError, Told) as error:
            raise Unfit(
                "{field} cannot be {value}", "give `next` of the page before", field="after", value=told[:80]
            ) from error

    async def once(self, service: Callable[Concatenate[Tx, Act, P], Facts], *args: P.args, **kwargs: P.kwargs) -> Facts:
        """Run a service, once only under one Idempotency-Key."""
        if not self.key:
            return await self.admin.change(service, *args, **kwargs)
        key = Key(str(self.holder.actor), self.key, self.body)
        return await self.admin.change(once, key, service, *args, **kwargs)


Answer = Callable[[Asked], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    gives:     the thing that is answered
    is_list:   a page of such things, newest or first by key: {items, next}
    order:     the column whose value is the place of a row in the list
    is_once:   takes an Idempotency-Key
    """

    method: str
    path: str
    told: LiteralString
    needs: Permission
    answer: Answer
    gives: Shape
    is_list: bool = False
    order: str = "id"
    status: int = 200
    of: type[Change] | None = None
    body: tuple[Param, ...] = ()
    query: tuple[Param, ...] = ()
    params: Mapping[str, Param] = field(default_factory=dict)  # of the path
    is_once: bool = False

    @property
    def takes_body(self) -> bool:
        return self.of is not None or bool(self.body)

    def shown(self, answer: Any, asked: Asked) -> Facts:
        """The answer as it is sent; a list was asked for one row more than fit."""
        if not self.is_list:
            return self.gives.cut(answer)
        rows, most = list(answer), asked.given["most"]
        is_more = len(rows) > most
        place = _sealed(rows[most - 1][self.order], asked) if is_more else None
        return {"items": [self.gives.cut(row) for row in rows[:most]], "next": place}


def _sealed(place: Any, asked: Asked) -> str:
    """Nobody reads a phone out of it that the list masks, or makes one up."""
    return urlsafe_b64encode(asked.admin.sealer.seal(orjson.dumps(place).decode(), _PLACE)).decode()


def page_of(rows: Iterable[Facts], asked: Asked, order: str = "id") -> list[Facts]:
    """One page, and a row more, of a list that is read whole: of what is configured there is not much."""
    after = asked.after
    ordered = sorted(rows, key=lambda row: _sortable(row[order]))
    behind = [row for row in ordered if after is None or _sortable(row[order]) > _sortable(after)]
    return behind[: asked.given["most"] + 1]


def page_before(asked: Asked) -> Page:
    """One page, and a row more, of a list that grows by ids. raises: Unfit"""
    after = asked.after
    if after is not None and not (isinstance(after, int) and 0 <= after <= NEWEST):
        raise Unfit("{field} cannot be {value}", "give `next` of the page before", field="after", value=str(after)[:80])
    return Page(NEWEST if after is None else after, asked.given["most"] + 1)


def _sortable(value: Any) -> tuple[int, str]:
    return (value, "") if isinstance(value, int) else (0, str(value))
