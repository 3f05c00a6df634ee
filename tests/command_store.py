"""A store that a test administers as a command does, whether an event loop runs in its thread or not.

Where a platform runs on that loop, what is changed is changed in another thread: a turn of its lane may be paused with the store in
hand, and would wait for us as we for it.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from sqlalchemy import func, select

from hongyan.cli.store import CommandStore
from hongyan.compose.admin_store import open_admin_store
from hongyan.services.admin import accounts, billing
from hongyan.settings.settings import Settings
from hongyan.store import schema


class _RunnerBeside(ThreadPoolExecutor):
    """Runs tasks on an event loop of another thread."""

    def run(self, task):
        return self.submit(asyncio.run, task).result()


@contextmanager
def command_store(settings: Settings) -> Iterator[CommandStore]:
    with open_admin_store(settings) as admin, _RunnerBeside(1) as runner:
        yield CommandStore(admin, runner)


def message_states(tx) -> dict[int, int]:
    """The number of all stored messages in each state; it counts every row."""
    state = schema.message.c.state
    return {row["state"]: row["count"] for row in tx.db.core(select(state, func.count().label("count")).group_by(state))}


def stored_tasks(tx) -> list[dict]:
    """All tasks, the oldest first."""
    return list(tx.db.core(select(schema.task).order_by(schema.task.c.id)))


def change(settings, service, *args):
    """Run a service as a command does, in a transaction of its own."""
    with command_store(settings) as admin:
        return admin.change(service, *args)


def add_account(settings, spec):
    """Add an account, with five points."""
    with command_store(settings) as admin:
        admin.change(billing.top_up, admin.change(accounts.add_account, spec, admin.sealer), 5)
