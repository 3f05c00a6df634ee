"""A PostgreSQL whose machine says nothing any more: it acknowledges nothing, ends nothing, and takes no connection."""

import ctypes
import os
import socket
import threading
from contextlib import contextmanager, suppress

import psycopg
import pytest
import sqlalchemy.exc
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from hongyan.store.database import Database
from hongyan.store.engine.postgres_address import SILENCE
from hongyan.store.engine.postgres_connection import PostgresConnection

SHORT = {
    "connect_timeout": 2,
    "tcp_user_timeout": 1_000,
    "keepalives_idle": 1,
    "keepalives_interval": 1,
    "keepalives_count": 1,
}
_ATTACH_FILTER, _DETACH_FILTER = 26, 27
_DROP_ALL = ctypes.create_string_buffer(bytes([6, 0, 0, 0, 0, 0, 0, 0]), 8)  # one instruction of BPF: return 0


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


class Machine:
    """Between us and a real server, over TCP. What reaches it while it is silent is dropped before TCP sees it."""

    def __init__(self, url):
        self._target = conninfo_to_dict(url)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._ours, self._threads = [], []
        self._begin(self._accept)

    @property
    def url(self):
        said = self._target | SHORT | {"host": "127.0.0.1", "port": self._listening.getsockname()[1]}
        return make_conninfo(**said)

    def _begin(self, work, *args):
        self._threads.append(threading.Thread(target=work, args=args))
        self._threads[-1].start()

    def _accept(self):
        with suppress(OSError):
            while True:
                ours, _ = self._listening.accept()
                self._ours.append(ours)
                self._begin(self._relay, ours)

    def _relay(self, ours):
        with ours, socket.socket(socket.AF_UNIX) as theirs:
            theirs.connect(f"{self._target['host']}/.s.PGSQL.{self._target.get('port', 5432)}")
            back = threading.Thread(target=_pump, args=(theirs, ours))
            back.start()
            _pump(ours, theirs)
            back.join()

    def fall_silent(self):
        program = _Program(1, ctypes.addressof(_DROP_ALL))
        for one in (self._listening, *self._ours):
            with suppress(OSError):  # closed meanwhile
                one.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, bytes(program))

    def come_back(self):
        self._listening.setsockopt(socket.SOL_SOCKET, _DETACH_FILTER, 0)

    def close(self):
        for one in (self._listening, *self._ours):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listening.close()


def _pump(source, sink):
    """Pass on what comes until one side ends, then end the other."""
    with suppress(OSError):
        while octets := source.recv(65_536):
            sink.sendall(octets)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def machine(postgres_store):
    machine = Machine(postgres_store.url)
    yield machine
    machine.close()


@contextmanager
def soon(act, after_s):
    timer = threading.Timer(after_s, act)
    timer.start()
    yield
    timer.join()


def test_a_connection_whose_server_falls_silent_is_lost_when_it_is_used(machine):
    connection = PostgresConnection(machine.url)
    machine.fall_silent()

    with pytest.raises(psycopg.OperationalError):
        connection.plain("SELECT 1")

    assert connection.is_lost
    connection.close()


def test_a_connection_whose_server_falls_silent_while_it_is_waited_for_is_lost(machine):
    connection = PostgresConnection(machine.url)

    with soon(machine.fall_silent, 0.3), pytest.raises(psycopg.OperationalError):
        connection.plain("SELECT pg_sleep(60)")

    assert connection.is_lost
    connection.close()


def test_nobody_waits_long_for_a_connection_to_a_silent_server(machine):
    machine.fall_silent()
    for connect in (lambda: PostgresConnection(machine.url), Database(machine.url).schema):
        with pytest.raises((psycopg.OperationalError, sqlalchemy.exc.OperationalError)):
            connect()
    machine.come_back()

    PostgresConnection(machine.url).close()


def test_a_store_is_given_up_before_its_leases_are_unless_its_address_says_otherwise(postgres_store, machine):
    def patience(url):
        connection = PostgresConnection(url)
        with socket.socket(fileno=os.dup(connection.raw.fileno())) as line:
            found = [line.getsockopt(socket.IPPROTO_TCP, option) for option in (socket.TCP_USER_TIMEOUT, socket.TCP_KEEPIDLE)]
        connection.close()
        return found

    plain = {name: said for name, said in conninfo_to_dict(machine.url).items() if name not in SHORT}

    assert patience(machine.url) == [1_000, 1]
    assert patience(make_conninfo(**plain)) == [int(SILENCE["tcp_user_timeout"]), int(SILENCE["keepalives_idle"])]
