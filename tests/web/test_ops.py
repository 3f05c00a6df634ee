import asyncio
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families

from hongyan import BUILD
from hongyan.model.histogram import Histogram
from hongyan.web.metrics import METRICS, Kind, MetricValue
from hongyan.web.ops import Check, ops_app


@dataclass
class FixedVitals:
    """Vitals that say what the test says."""

    said: list[MetricValue] = field(default_factory=list)
    checked: list[Check] = field(default_factory=lambda: [Check("database", is_good=True)])

    def readings(self) -> Iterable[MetricValue]:
        return self.said

    async def pdus(self, channel):
        return [{"pdu": "ENQUIRE_LINK", "way": "out"}] if channel == "up1" else None

    async def checks(self) -> Sequence[Check]:
        return self.checked


def get(vitals: FixedVitals, path: str, client: str = "127.0.0.1") -> tuple[int, str, str]:
    """Status, content type and text that the application answers."""
    sent: list[dict] = []
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query.encode(),
        "headers": [],
        "client": (client, 1),
        "server": ("127.0.0.1", 8081),
    }

    async def receive() -> dict:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict) -> None:
        sent.append(message)

    asyncio.run(ops_app(vitals, "9.8.7")(scope, receive, send))
    headers = dict(sent[0]["headers"])
    return sent[0]["status"], headers[b"content-type"].decode(), b"".join(m.get("body", b"") for m in sent[1:]).decode()


def samples(vitals: FixedVitals) -> dict[tuple[str, tuple[str, ...]], float]:
    status, media, text = get(vitals, "/metrics")
    assert (status, media.split(";")[0]) == (200, "text/plain")
    return {
        (sample.name, tuple(f"{name}={value}" for name, value in sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_numbers_are_read_when_somebody_asks():
    vitals = FixedVitals([("hongyan_api_requests_total", ("sms.aspx", "0"), 7), ("hongyan_channel_up", ("up1",), 1)])

    found = samples(vitals)

    assert found["hongyan_api_requests_total", ("code=0", "endpoint=sms.aspx")] == 7
    assert found["hongyan_channel_up", ("channel=up1",)] == 1
    vitals.said[0] = ("hongyan_api_requests_total", ("sms.aspx", "0"), 8)
    assert samples(vitals)["hongyan_api_requests_total", ("code=0", "endpoint=sms.aspx")] == 8


def test_a_spread_becomes_a_histogram_of_growing_counts():
    spread = Histogram((0.1, 1.0))
    for value in (0.05, 0.1, 0.5, 3.0):
        spread.add(value)

    found = samples(FixedVitals([("hongyan_report_delay_seconds", ("up1",), spread)]))

    buckets = {labels[1]: value for (name, labels), value in found.items() if name == "hongyan_report_delay_seconds_bucket"}
    assert buckets == {"le=0.1": 2, "le=1.0": 3, "le=+Inf": 4}
    assert found["hongyan_report_delay_seconds_count", ("channel=up1",)] == 4
    assert found["hongyan_report_delay_seconds_sum", ("channel=up1",)] == pytest.approx(3.65)


def test_build_and_memory_are_always_reported():
    found = samples(FixedVitals())

    assert [labels[1] for name, labels in found if name == "hongyan_build_info"] == ["version=9.8.7"]
    assert found["process_resident_memory_bytes", ()] > 0


def test_a_metric_that_nobody_declared_is_a_bug():
    with pytest.raises(KeyError):
        get(FixedVitals([("hongyan_surprise", (), 1)]), "/metrics")


@pytest.mark.parametrize("name", METRICS)
def test_names_follow_the_rules_of_prometheus(name):
    kind, labels, meaning = METRICS[name]

    assert name.startswith("hongyan_")
    assert name.endswith("_total") == (kind is Kind.COUNTER)
    assert kind is not Kind.HISTOGRAM or name.endswith("_seconds")
    assert not {"phone", "mobile", "message", "ip", "signature", "account"} & set(labels)
    assert meaning


def test_livez_answers_whatever_the_checks_say():
    assert get(FixedVitals(checked=[Check("database", is_good=False)]), "/livez")[::2] == (200, "ok\n")


def test_readyz_is_short_when_all_is_well_and_shows_all_when_asked():
    vitals = FixedVitals(checked=[Check("database", is_good=True), Check("disk", is_good=True)])

    assert get(vitals, "/readyz")[::2] == (200, "ok\n")
    status, _, text = get(vitals, "/readyz?verbose")
    assert status == 200
    assert [check["name"] for check in orjson.loads(text)["checks"]] == ["database", "disk"]


def test_readyz_names_the_failed_check():
    vitals = FixedVitals(checked=[Check("database", is_good=True), Check("disk", is_good=False, detail="5 MB left; free some")])

    status, media, text = get(vitals, "/readyz")

    assert (status, media) == (503, "application/json")
    seen = orjson.loads(text)
    assert seen["ready"] is False
    assert seen["failed"] == ["disk"]
    assert seen["checks"][1]["detail"] == "5 MB left; free some"


def test_readyz_warns_of_what_is_no_reason_to_send_customers_away():
    vitals = FixedVitals(checked=[Check("links", is_good=True, detail="no process has up1", is_warning=True)])

    status, _, text = get(vitals, "/readyz")

    assert status == 200
    seen = orjson.loads(text)
    assert (seen["ready"], seen["failed"], seen["warned"]) == (True, [], ["links"])


def test_version_is_reported():
    assert orjson.loads(get(FixedVitals(), "/version")[2]) == {
        "version": "9.8.7",
        "build": BUILD,
        "python": platform.python_version(),
    }


def test_the_last_pdus_of_a_link_are_shown_to_this_machine():
    status, _, text = get(FixedVitals(), "/channels/up1/pdus")
    assert (status, orjson.loads(text)) == (200, {"channel": "up1", "pdus": [{"pdu": "ENQUIRE_LINK", "way": "out"}]})

    assert get(FixedVitals(), "/channels/up9/pdus")[0] == 404
    assert get(FixedVitals(), "/channels/up1/pdus", "203.0.113.9")[0] == 403
