"""`hongyan conformance` at servers with prepared answers: what it prints, and how it ends."""

import socketserver
import threading

import pytest

from hongyan.conformance import catalog, run
from hongyan.conformance.case import JSON, Case
from hongyan.conformance.requests import get

CASES = (
    Case("manual 001, 1.2", "a braced answer", get("/x", {}), "{}", JSON),
    Case("manual 001, 9", "one that needs an account", get("/x", {}), "{}", JSON, needs=("stopped",)),
)


@pytest.fixture(autouse=True)
def _cases(monkeypatch):
    monkeypatch.setitem(catalog.CASES, "hx", CASES)
    monkeypatch.setattr(run, "PATIENCE", 0.0)


@pytest.fixture
def serve():
    """`serve(body)`: the address of a server that answers everything with it."""
    servers = []

    def start(body: bytes) -> str:
        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                while self.rfile.readline().strip():
                    pass
                head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: %d\r\n\r\n"
                self.wfile.write(head % len(body) + body)

        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def conform(bare, url, *more):
    return bare("conformance", "--url", url, "--account", "demo", "--secret-file", "-", *more, stdin="abc123")


def test_the_right_answers_end_well(bare, serve):
    done = conform(bare, serve(b"{}"))

    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "passed  manual 001, 1.2         a braced answer",
        "skipped manual 001, 9           one that needs an account: needs stopped",
        "1 passed, 0 failed, 1 skipped",
    ]


def test_a_wrong_answer_is_shown_beside_the_right_one(bare, serve):
    done = conform(bare, serve(b"[]"), "--with", "stopped=old")

    assert done.code == 6
    assert "failed  manual 001, 1.2         a braced answer: the body differs" in done.out
    assert "expected '{}'" in done.err
    assert "seen     '[]'" in done.err
    assert "2 of 2 answers are not those of the manuals" in done.err


def test_programs_read_the_same_as_json(bare, serve):
    found = conform(bare, serve(b"[]"), "--json").json

    assert (found["passed"], found["failed"], found["skipped"]) == (0, 1, 1)
    assert found["cases"][0] == {
        "clause": "manual 001, 1.2",
        "claim": "a braced answer",
        "outcome": "failed",
        "why": "the body differs",
        "expected": "{}",
        "seen": "[]",
    }


def test_nobody_there_has_its_own_code(bare):
    assert conform(bare, "http://127.0.0.1:9").code == 7


def test_a_callback_port_that_is_taken_has_its_own_code(bare, serve):
    url = serve(b"{}")
    done = conform(bare, url, "--callback-port", url.rpartition(":")[2])

    assert done.code == 8
    assert "is not free" in done.err


@pytest.mark.parametrize("named", ["stopped", "nothing=x"])
def test_an_extra_that_no_case_needs_is_refused(bare, serve, named):
    done = conform(bare, serve(b"{}"), "--with", named)

    assert done.code == 2
    assert "stopped" in done.err
