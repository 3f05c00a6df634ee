"""Changes that are made once, however often they are asked for under the same key. The answer is stored in the same
transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Concatenate, ParamSpec

import orjson

from hongyan.model.act import Act
from hongyan.model.columns import Facts
from hongyan.model.errors import Conflict
from hongyan.ports.tx import Tx

P = ParamSpec("P")
KEY_MOST = 255  # characters


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """An Idempotency-Key of one caller, and what is asked under it."""

    whose: str
    body: str
    asked: bytes

    @property
    def name(self) -> str:
        return sha256(f"{self.whose}\n{self.body}".encode("utf-8", "replace")).hexdigest()

    @property
    def digest(self) -> bytes:
        return sha256(self.asked).digest()


def once(
    tx: Tx,
    act: Act,
    key: IdempotencyKey,
    service: Callable[Concatenate[Tx, Act, P], Facts],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> Facts:
    """Returns the answer of the service, or of its first run under this key. raises: Conflict if something else was asked under
    the key
    """
    tx.take_count("done_once", 1)  # a lock: of two requests at the same moment the second one finds the answer of the first
    rows = tx.rows_of("done_once", key=key.name)
    if rows and bytes(rows[0]["asked"]) != key.digest:
        raise Conflict("something else was asked under this Idempotency-Key")
    if rows:
        stored: Facts = orjson.loads(rows[0]["answer"])
        return stored
    answer = service(tx, act, *args, **kwargs)
    tx.add_row("done_once", key=key.name, asked=key.digest, answer=orjson.dumps(answer).decode(), made_ms=act.now_ms)
    return answer
