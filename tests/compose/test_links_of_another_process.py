"""Two processes on one PostgreSQL: doors and the console that an operator looks at in one, the link to a carrier in the other."""

import html
import http.cookiejar
import json
import re
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

import psycopg
import pytest
from bench.installation import ACCOUNT, API_AND_LINK, CommandError
from bench.postgres import postgres
from bench.tools import MessageCentre
from tests.survive.installations import InlineMeasured

PATIENCE_S = 40.0
CONNECTIONS = 2
SENT = 30


class Operator:
    """Somebody with the rights of operations at the console of the first process."""

    def __init__(self, installation: InlineMeasured) -> None:
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener, self._url, self._token = urllib.request.build_opener(jar), installation.console_url, ""
        self._opener.addheaders = [("Accept-Language", "en")]
        link = json.loads(installation.command("staff", "add", "ops", "--role", "operations", "--json"))["link"]
        self._post(urllib.parse.urlsplit(link).path, password="wild geese fly south", again="wild geese fly south")

    def page(self, path: str) -> str:
        with self._opener.open(self._url + path, timeout=30) as answer:
            text = answer.read().decode()
        self._token = re.search(r'name="csrf" value="([^"]*)"', text)[1]
        return text

    def _post(self, path: str, **form: str) -> str:
        asked = urllib.request.Request(
            self._url + path, urllib.parse.urlencode(form).encode(), {"Sec-Fetch-Site": "same-origin"}
        )
        with self._opener.open(asked, timeout=60) as answer:
            return answer.read().decode()

    def order(self, what: str, **form: str) -> str:
        self.page("/channels/up1")
        return self._post(f"/channels/up1/{what}", csrf=self._token, **form)

    def facts(self) -> dict[str, str]:
        """What the first card of the channel says, by the words before it."""
        card = self.page("/channels/up1").partition('<dl class="facts">')[2].partition("</dl>")[0]
        found = re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", card, re.DOTALL)
        return {name: " ".join(html.unescape(re.sub(r"<[^>]*>", " ", value)).split()) for name, value in found}


def until(claim):
    limit = time.monotonic() + PATIENCE_S
    while not (found := claim()):
        assert time.monotonic() < limit
        time.sleep(0.2)
    return found


def loadings(installation: InlineMeasured) -> int:
    """How often processes have loaded a change of the configuration."""
    return installation.log.read_text(encoding="utf-8").count('"configuration_loaded"')


def pause(installation: InlineMeasured, operator: Operator) -> None:
    """Returns when both processes know it."""
    before = loadings(installation)
    operator.order("order/pause")
    until(lambda: loadings(installation) >= before + len(installation.duties))
    assert operator.facts()["State"] == "paused"


def submits(centre: MessageCentre) -> int:
    return centre.stats()["submits"]


def send(installation: InlineMeasured, first: int, count: int) -> None:
    numbers = [word for number in range(first, first + count) for word in ("--to", f"138{number:08}")]
    installation.command("send", "--account", ACCOUNT, *numbers, "--text", "您好【鸿雁】")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with (
        tempfile.TemporaryDirectory(prefix="hongyan-") as apart,  # pytest closes its own folder to PostgreSQL's user
        postgres(Path(apart, "pg")) as server,
        MessageCentre() as centre,
        InlineMeasured(
            tmp_path_factory.mktemp("installation") / "data",
            server.uri,
            API_AND_LINK,
            centre=centre,
            window=10,
            connections=CONNECTIONS,
            environment={"HONGYAN_CONSOLE__SECOND_FACTOR": "false"},
        ) as installation,
    ):
        installation.start()
        yield installation, centre, Operator(installation)
        installation.stop()


def test_a_channel_shows_how_its_link_does_by_connection(running):
    installation, centre, operator = running
    send(installation, 1, SENT)
    until(lambda: submits(centre) == SENT)
    until(lambda: operator.facts().get("Accepted, refused, unanswered") == f"{SENT} · 0 · 0")

    shown = operator.facts()

    assert shown["Link"].startswith("up")
    assert shown["Connections"] == f"{CONNECTIONS} / {CONNECTIONS}"
    assert shown["Window used"] == "0 %"
    assert float(shown["Segments a second"]) > 0
    for number in range(1, CONNECTIONS + 1):
        assert shown[f"Connection {number}"] == "ready 127.0.0.1 · 0 unanswered"
    assert re.search(rf"{CONNECTIONS} / {CONNECTIONS}\s*<", operator.page("/channels"))


def pdus_of(page: str) -> str:
    return page.partition('id="pdus"')[2]


def test_pdus_of_a_link_are_asked_of_the_process_that_has_it(running):
    """On the page, by the admin API and by the command, phones masked and texts left out; and nothing of it stays in the store."""
    house, centre, operator = running
    before = submits(centre)
    send(house, 3_001, 1)
    until(lambda: submits(centre) == before + 1)
    port = urllib.parse.urlsplit(house.console_url).port

    page = until(lambda: "submit_sm" in (shown := pdus_of(operator.page("/channels/up1?pdus=yes"))).lower() and shown)
    token = json.loads(house.command("token", "add", "watch", "--json"))["token"]
    asked = urllib.request.Request(
        f"{house.console_url}/api/v1/channels/up1/pdus", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        listed = answer.read().decode()
    printed = house.command("channel", "pdus", "up1", "--ops-port", str(port), "--json")

    for said in (page, listed, printed):
        assert "submit_sm" in said.lower()
        assert "****" in said
        assert "13800003001" not in said
        assert "您好" not in said
    with pytest.raises(CommandError) as refused:
        house.command("channel", "pdus", "up9", "--ops-port", str(port))
    assert str(refused.value.__cause__) == "there is no channel up9"
    with psycopg.connect(house.database) as store:
        assert store.execute("SELECT count(*) FROM recording").fetchone() == (0,)


def test_what_is_said_to_a_channel_reaches_the_process_that_has_it(running):
    installation, centre, operator = running
    before = submits(centre)

    pause(installation, operator)
    send(installation, 1_001, SENT)
    until(lambda: operator.facts()["Queued"].startswith(f"{SENT} "))
    assert submits(centre) == before
    operator.order("order/start")
    until(lambda: submits(centre) == before + SENT)

    operator.order("order/stop")
    until(lambda: operator.facts()["Link"].startswith("nobody's"))
    until(lambda: not centre.stats()["bound"])
    operator.order("order/start")
    until(lambda: centre.stats()["bound"] == CONNECTIONS)
    until(lambda: operator.facts()["Link"].startswith("up"))

    pause(installation, operator)
    send(installation, 2_001, SENT)
    until(lambda: operator.facts()["Queued"].startswith(f"{SENT} "))
    operator.order("order/drain")
    until(lambda: submits(centre) == before + 2 * SENT)
    until(lambda: operator.facts()["Queued"] == "0")
    operator.order("order/start")


def test_a_channel_is_tested_beside_the_process_that_has_it(running):
    _, centre, operator = running
    before = submits(centre)

    said = operator.order("test", number="13800009999", text="test【鸿雁】")

    assert "The carrier took it." in said
    assert "The channel is connected meanwhile" in said
    assert submits(centre) == before + 1
