"""A job goes on where it was, whatever killed the server that did it."""

import json
import time

from tests.survive.installations import InlineInstallation

ROWS = 12_000
LEFT_S = 60.0


def test_an_import_survives_kill_9_and_repeats_nothing(tmp_path):
    with InlineInstallation(tmp_path / "data") as installation:
        installation.start()
        words = "".join(f"word{number}\n" for number in range(ROWS))
        number = json.loads(installation.command("word", "import", "-", "--job", "--json", stdin=words))["job"]
        for least in (1, ROWS // 3, 2 * ROWS // 3):
            _until(installation, number, least)
            installation.kill()
            installation.start()
        job = _until(installation, number, ROWS, "done")

        assert job["result"] == {"added": ROWS, "known": 0}
        assert len(installation.command("word", "export").splitlines()) == ROWS


def _until(installation, number, least, state=""):
    limit = time.monotonic() + LEFT_S
    while time.monotonic() < limit:
        job = json.loads(installation.command("job", "show", str(number), "--json"))
        if job["done"] >= least and state in {"", job["state"]}:
            return job
        time.sleep(0.05)
    raise TimeoutError(job)
