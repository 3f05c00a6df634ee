"""A call of the admin API, described once, and the request for one."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Concatenate, LiteralString, ParamSpec

from hongyan.model.act import Act
from hongyan.model.approval import AloneRule
from hongyan.model.columns import Facts
from hongyan.model.fields import Change, Param
from hongyan.model.kinds import number, text
from hongyan.model.staff import Permission
from hongyan.ports.admin import AdminStore
from hongyan.ports.tx import Tx
from hongyan.services.admin.idempotency import IdempotencyKey, once
from hongyan.services.admin.tokens import Holder
from hongyan.web.api.shapes import Shape
from hongyan.web.live import ServerFacts
from hongyan.web.trials import Trials

P = ParamSpec("P")
MOST = Param("most", "The most rows of the answer.", number(1, 1_000), usual=100)
AFTER = Param("after", "Where the next page begins: `next` of the page before.", text(500))


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was read and may be answered."""

    admin: AdminStore  # for acts of the holder
    server: ServerFacts  # the current facts of the serving process
    holder: Holder
    alone: AloneRule
    trials: Trials
    path: Mapping[str, Any]
    given: Mapping[str, Any]  # values of the address, or of the body beside the change; those not given are as usual
    change: Any = None  # an instance of the call's class of changes
    key: str = ""  # the Idempotency-Key
    body: bytes = b""  # the whole body, to be compared under the same key

    @property
    def sees_phones(self) -> bool:
        return self.holder.permissions >= {Permission.PHONES}

    async def once(self, service: Callable[Concatenate[Tx, Act, P], Facts], *args: P.args, **kwargs: P.kwargs) -> Facts:
        """Run a service; under one Idempotency-Key only once."""
        if not self.key:
            return await self.admin.change(service, *args, **kwargs)
        key = IdempotencyKey(str(self.holder.actor), self.key, self.body)
        return await self.admin.change(once, key, service, *args, **kwargs)


Answer = Callable[[Asked], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    returns:   the thing in the answer
    is_list:   several such things: {items, next}
    is_table:  a list that is answered as a file too (web/api/list_call.py), its rows cut by who answers
    is_once:   takes an Idempotency-Key
    """

    method: str
    path: str
    summary: LiteralString
    needs: Permission
    answer: Answer
    returns: Shape
    is_list: bool = False
    is_table: bool = False
    status: int = 200
    of: type[Change] | None = None
    body: tuple[Param, ...] = ()
    query: tuple[Param, ...] = ()
    params: Mapping[str, Param] = field(default_factory=dict)  # of the path
    is_once: bool = False

    @property
    def takes_body(self) -> bool:
        return self.of is not None or bool(self.body)

    def shown(self, answer: Any) -> Facts:
        """Returns the answer as it is sent."""
        if self.is_table:
            return dict(answer)
        if not self.is_list:
            return self.returns.cut(answer)
        return {"items": [self.returns.cut(row) for row in answer], "next": None}
