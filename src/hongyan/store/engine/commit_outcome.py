"""Asks the database whether a commit took place whose answer was lost with the connection."""

from collections.abc import Callable
from time import monotonic, sleep

import structlog

from hongyan.store.engine.commit_mark import Mark
from hongyan.store.engine.connection import Connection

log = structlog.get_logger(__name__)

ASK_S, ASK_AGAIN_S = 10.0, 0.2
"""For how long, and how often, the database is asked whether a commit took place."""


class CommitUnknown(Exception):
    """A connection was lost while it committed, and the database stayed away: nobody knows whether the commit took place."""


def was_committed(lost: Connection, connect: Callable[[], Connection]) -> bool:
    """Returns whether the last commit of a lost connection took place; waits a little for a database that restarts. Blocks.

    raises: CommitUnknown
    """
    if lost.committing is None or not lost.is_lost:
        return False
    log.warning("commit_in_doubt")
    until = monotonic() + ASK_S
    while monotonic() < until:
        outcome = _ask(lost.committing, connect)
        if outcome is not None:
            log.info("commit_settled", took_place=outcome)
            return outcome
        sleep(ASK_AGAIN_S)
    raise CommitUnknown("the connection was lost while it committed, and the store does not say what became of it")


def _ask(mark: Mark, connect: Callable[[], Connection]) -> bool | None:
    try:
        connection = connect()
        try:
            return connection.outcome(mark)
        finally:
            connection.close()
    except Exception:  # noqa: BLE001  it is away, whatever the driver says of that
        return None
