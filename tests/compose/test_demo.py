"""The demo: what it prints works, and a folder of an older demo gets what is new."""

import asyncio
import re
from unittest.mock import AsyncMock

import pytest
from tests.administered import administered

from hongyan.carriers.loopback import FATES
from hongyan.cli.demo import welcome
from hongyan.compose import demo
from hongyan.compose.admin_store import make_store
from hongyan.model.submission import Submission
from hongyan.services import admit
from hongyan.services.queries import reading
from hongyan.settings import Settings

NOW = 1_770_000_000_000


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "hongyan.key").write_text("ab" * 32, encoding="ascii")
    made = Settings(data=tmp_path)
    make_store(made, NOW)
    return made


def test_numbers_of_the_trial_account_decide_and_others_go_to_carriers(settings):
    asyncio.run(demo._furnish(settings, 1, 2, "http://127.0.0.1:3/"))

    with administered(settings) as admin:
        snapshot = admin.snapshot()
    names = [
        snapshot.channels[
            admit.admit(snapshot, Submission(snapshot.accounts[name], ["13800130001"], "x【t】"), NOW).channels[0]
        ].name
        for name in (demo.PULLS, demo.PUSHED, demo.TRIAL)
    ]
    assert names == ["demo-cmpp", "demo-cmpp", "demo-loopback"]


def test_a_folder_of_an_older_demo_gets_the_trial_account_once(settings, monkeypatch):
    monkeypatch.setattr(demo, "_add_trial", AsyncMock())
    asyncio.run(demo._furnish(settings, 1, 2, "http://127.0.0.1:3/"))
    monkeypatch.undo()

    for _ in range(2):
        asyncio.run(demo._furnish(settings, 1, 2, "http://127.0.0.1:3/"))

    with administered(settings) as admin:
        assert [row["name"] for row in admin.read(reading.accounts)] == [demo.PULLS, demo.PUSHED, demo.TRIAL]
        assert [row["name"] for row in admin.read(reading.channels)][-1] == "demo-loopback"


@pytest.mark.parametrize(("language", "begins"), [("C.UTF-8", "Hongyan 鸿雁 runs."), ("zh_CN.UTF-8", "鸿雁已运行。")])
def test_the_welcome_names_every_tail(monkeypatch, tmp_path, language, begins):
    monkeypatch.setenv("LC_ALL", language)

    told = welcome(demo.DemoAddresses(1, 2, 3, 4, "http://127.0.0.1:5/"), tmp_path)

    assert told.startswith(begins)
    tails = {int(tail) for tail in re.findall(r"\b00\d\d\b", told)}
    assert tails == set(FATES) - {5}  # a report before its answer shows nowhere in the demo
    assert told.count("curl '") == 4
