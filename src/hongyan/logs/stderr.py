"""The stream of the log, which never fails and never waits for long."""

import select
import sys
from io import UnsupportedOperation
from typing import TextIO

from structlog.typing import EventDict, WrappedLogger

WAIT_MS = 100
"""How long a line waits for a reader that does not keep up; once one was left out, no other waits until the reader takes more."""


class Stderr:
    """The current stderr whenever a line is written, whatever it was when the logger was made.

    Nothing else fails or waits for the log: a line that stderr does not take, since its disk is full or its reader is gone or stands
    still, is left out, and `lines_lost` of the next one that it takes says how many were.
    """

    def __init__(self) -> None:
        self._line = ""
        self._lost = 0

    def write(self, text: str) -> int:
        self._line += text
        return len(text)

    def flush(self) -> None:
        line, self._line = self._line, ""
        try:
            if not _has_room(sys.stderr, 0 if self._lost else WAIT_MS):
                self._lost += 1
                return
            sys.stderr.write(line)
            sys.stderr.flush()
            self._lost = 0
        except OSError:
            self._lost += 1

    def note_lost(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        if self._lost:
            event["lines_lost"] = self._lost
        return event


def _has_room(stream: TextIO, wait_ms: int) -> bool:
    """Returns whether a line can be written without waiting: a pipe has room for 4 KB then. A terminal that is stopped says so too late."""
    try:
        number = stream.fileno()
    except UnsupportedOperation:  # it is in memory
        return True
    room = select.poll()
    room.register(number, select.POLLOUT)
    return bool(room.poll(wait_ms))
