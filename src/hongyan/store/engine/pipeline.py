"""PostgreSQL's pipeline: statements leave together, and answers are read when one is needed.

Every statement is prepared at its first use, and its plan kept, unless it asks for a new one each time. This speaks to libpq
(psycopg.pq) itself. psycopg's own pipeline wakes the server for each statement: ten of them cost 318 µs of CPU here and 88 µs
there, where these cost 25 and 37. When a statement fails, psycopg's pipeline also takes those behind it for prepared, although
the server skipped them, and every later use fails.
"""

import select
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import errors
from psycopg.adapt import Transformer
from psycopg.pq import ConnStatus, ExecStatus, PipelineStatus
from psycopg.pq.abc import PGresult

from hongyan.store.engine.statement import Row

_TEXT, _BINARY = 0, 1
_GOOD = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


@dataclass(slots=True, eq=False)
class Sent:
    """One statement on its way; `prepares` is its text, if it only prepares. `Pipeline.settle` fills in the result."""

    prepares: str = ""
    result: PGresult | None = None


class Pipeline:
    """Used by one thread at a time. `leave` is called before psycopg itself uses the connection."""

    def __init__(self, raw: psycopg.Connection[Any]) -> None:
        self._libpq = raw.pgconn
        self._loaders = Transformer(raw)
        self._names: dict[str, bytes] = {}  # names of prepared statements, by text
        self._prepared = 0
        self._sent: list[Sent] = []
        self._socket = select.poll()
        self._socket.register(self._libpq.socket)

    def send(self, text: str, values: Sequence[Any], *, keeps_plan: bool = True) -> Sent:
        """Send a statement together with those that follow.

        values: for $1, $2 …; octets are sent as they are: binary, or as the text that they are after `as_text`
        """
        if self._libpq.pipeline_status == PipelineStatus.OFF:
            self._libpq.enter_pipeline_mode()
        octets = [_octets(value) for value in values]
        formats = [_BINARY if type(value) is bytes else _TEXT for value in values]
        if keeps_plan:
            self._libpq.send_query_prepared(self._names.get(text) or self._prepare(text), octets, formats)
        else:
            self._libpq.send_query_params(text.encode(), octets, None, formats)
        self._sent.append(Sent())
        return self._sent[-1]

    def _prepare(self, text: str) -> bytes:
        self._prepared += 1
        name = self._names[text] = b"h%d" % self._prepared
        self._libpq.send_prepare(name, text.encode())
        self._sent.append(Sent(prepares=text))
        return name

    def rows(self, sent: Sent) -> list[Row]:
        """Returns the rows of a statement; waits for all that was sent, unless it is answered already. raises: see `settle`"""
        result = self._answer(sent)
        self._loaders.set_pgresult(result)
        return [*self._loaders.load_rows(0, result.ntuples, tuple)]

    def count(self, sent: Sent) -> int:
        """Returns how many rows a statement changed. raises: see `settle`"""
        return self._answer(sent).command_tuples or 0

    def tag(self, sent: Sent) -> str:
        """Returns the server's command tag. COMMIT answers ROLLBACK in a transaction that had failed. raises: see `settle`"""
        return (self._answer(sent).command_status or b"").decode()

    def _answer(self, sent: Sent) -> PGresult:
        if sent.result is None:
            self.settle()
        if sent.result is None:  # it was lost with those of an earlier question
            raise psycopg.OperationalError("the connection is lost")
        return sent.result

    def settle(self) -> None:
        """Wait for the answers to all that was sent. Raises the first error among them; nothing behind it was run."""
        if not self._sent:
            return
        sent, self._sent = self._sent, []
        self._libpq.pipeline_sync()
        for one in sent:
            one.result = self._result()
            if one.prepares and (one.result is None or one.result.status not in _GOOD):
                del self._names[one.prepares]
            self._result()  # the end of this statement
        self._result()  # the end of the sync
        for one in sent:
            if one.result is None:
                raise psycopg.OperationalError("the connection is lost")
            if one.result.status not in _GOOD:
                raise errors.error_from_result(one.result)

    def _result(self) -> PGresult | None:
        """Returns the next result. None ends those of a statement, and all once the connection is lost."""
        while (is_writing := self._libpq.flush()) or self._libpq.is_busy():
            self._socket.modify(self._libpq.socket, select.POLLIN | (select.POLLOUT if is_writing else 0))
            self._socket.poll()
            self._libpq.consume_input()
        return self._libpq.get_result()

    def leave(self) -> None:
        """Settle, and let psycopg have the connection."""
        self.settle()
        if self._libpq.status == ConnStatus.OK and self._libpq.pipeline_status != PipelineStatus.OFF:
            self._libpq.exit_pipeline_mode()


def _octets(value: Any) -> bytes | None:
    """Returns a value as it is sent. Numbers and flags travel as text: the server knows their types from their place."""
    return value if value is None or type(value) is bytes else str(value).encode()
