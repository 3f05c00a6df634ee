"""Logs: on stderr, text on a terminal and JSON lines otherwise; phones masked, no content, no secret.

Keys: ts (RFC 3339, UTC, milliseconds), level, event (stable snake_case), then what the event knows: request_id, account,
task_id, msg_id, channel, carrier_msg_id, code, duration_ms. What other libraries log goes the same way.
"""

import atexit
import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO, cast

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from hongyan.logs.limit import LogLimit
from hongyan.logs.masking import mask
from hongyan.logs.printable import printable, printable_json
from hongyan.logs.stderr import Stderr
from hongyan.settings.sections.log import LogFormat, LogLevel

_OURS = Path(__file__).parents[1]
_LEVELS = {LogLevel.DEBUG: 10, LogLevel.INFO: 20, LogLevel.WARNING: 30, LogLevel.ERROR: 40}

NOISY = ("alembic", "aiohttp.access", "asyncio")
"""Loggers of libraries about things that we log ourselves; only their warnings are kept."""


def set_up_logs(level: LogLevel, form: LogFormat, stream: TextIO | None = None, *, for_good: bool = False) -> None:
    """Send our log and that of the libraries to a stream (stderr), from `level` upward.

    for_good: loggers keep the current settings, which makes each line cheaper
    """
    out, stderr = stream or sys.stderr, Stderr()
    is_text = form is LogFormat.TEXT or (form is LogFormat.AUTO and out.isatty())
    text = structlog.dev.ConsoleRenderer(colors=out.isatty(), timestamp_key="ts")
    render: list[Processor] = [_printable, text] if is_text else [_as_json]
    limit = LogLimit()
    if for_good:
        atexit.register(limit.settle, is_end=True)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            limit,
            _stamp,
            _name_level,
            _short_error,
            mask,
            stderr.note_lost,
            *render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(stream or cast("TextIO", stderr)),
        cache_logger_on_first_use=for_good,
    )
    logging.root.handlers = [_Forward()]
    logging.root.setLevel(max(_LEVELS[level], logging.INFO))
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


class _Forward(logging.Handler):
    """Passes what libraries log to our log."""

    def emit(self, record: logging.LogRecord) -> None:
        level = min(record.levelno // 10 * 10, logging.CRITICAL)
        structlog.get_logger().log(
            level,
            "library_said",
            library=record.name,
            detail=record.getMessage(),
            exc_info=record.exc_info or None,
            limit_by=("library",),
        )


def _stamp(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    event["ts"] = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return event


def _name_level(_: WrappedLogger, method: str, event: EventDict) -> EventDict:
    event["level"] = "error" if method == "exception" else "warning" if method == "warn" else method
    return event


def _short_error(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Returns an exception as its kind, its message and our source lines, innermost first, without a trace."""
    exc_info = event.pop("exc_info", None)
    error = sys.exception() if exc_info is True else exc_info[1] if isinstance(exc_info, tuple) else exc_info
    if isinstance(error, BaseException):
        event.update(error=type(error).__name__, detail=str(error)[:500], at=places(error.__traceback__))
    return event


def places(trace: TracebackType | None) -> str:
    """Returns where in our code an exception was raised, innermost first: `store/engine/lane.py:120 _commit < …`."""
    frames = [f for f in traceback.extract_tb(trace) if Path(f.filename).is_relative_to(_OURS)]
    return " < ".join(f"{Path(f.filename).relative_to(_OURS)}:{f.lineno} {f.name}" for f in reversed(frames[-8:]))


def _printable(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {printable(key): printable(value if isinstance(value, str) else str(value)) for key, value in event.items()}


def _as_json(_: WrappedLogger, __: str, event: EventDict) -> str:
    first: dict[str, Any] = {key: event.pop(key) for key in ("ts", "level", "event") if key in event}
    line = first | dict(event)
    try:
        return printable_json(orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode())
    except TypeError:  # a value held half a character, and no line is lost for that
        return json.dumps(line, default=str)
