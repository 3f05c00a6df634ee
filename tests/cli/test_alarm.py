"""hongyan alarm: rules, silences, a test, and files for Prometheus and Grafana."""

import json
import re
from pathlib import Path

import yaml
from tests.docs.pages import ROOT

from hongyan.compose import readings
from hongyan.model.alarm import AlarmKind
from hongyan.web import metrics
from hongyan.web.metrics import METRICS


def test_rules_are_listed_and_changed(stocked):
    rules = stocked("alarm", "rules", "--json").json["rules"]
    assert [row["kind"] for row in rules] == sorted(kind.value for kind in AlarmKind)

    changed = stocked("alarm", "set", "balance_low", "--of", "acme", "--threshold", "50000", "--json").json
    assert changed == {"kind": "balance_low", "subject": "acme", "threshold": 50_000, "duration_s": 0, "is_on": True}
    assert stocked("alarm", "set", "balance_low", "--of", "acme", "--usual").code == 0
    assert stocked("alarm", "set", "balance_low", "--of", "nobody", "--threshold", "1").code == 3
    assert stocked("alarm", "silence", "channel_down", "--of", "up1", "--hours", "2", "--note", "repairs").code == 0
    assert stocked("alarm", "list", "--json").json == {"alarms": []}


def test_nobody_to_notify_and_nobody_who_hears(stocked, monkeypatch):
    assert stocked("alarm", "test").code == 6
    monkeypatch.setenv("HONGYAN_ALARMS__WEBHOOK", "http://127.0.0.1:1/robot")
    assert stocked("alarm", "test").code == 7
    monkeypatch.setenv("HONGYAN_ALARMS__WEBHOOK", "not-an-address-hushhush")
    done = stocked("alarm", "test")
    assert done.code == 4
    assert "hushhush" not in done.err


def expressions(dashboard, rules):
    yield from (target["expr"] for panel in json.loads(dashboard)["panels"] for target in panel["targets"])
    yield from (rule["expr"] for group in yaml.safe_load(rules)["groups"] for rule in group["rules"])


def labels_in(expression):
    """By which an expression groups, and with which it chooses."""
    grouped = re.findall(r"\b(?:by|on) \(([^)]*)\)", expression)
    chosen = re.findall(r"{([^}]*)}", expression)
    return {one.strip() for some in grouped for one in some.split(",")} | set(re.findall(r"(\w+) *[=!]~?", ",".join(chosen)))


def test_every_metric_is_exported_and_explained():
    exported = Path(readings.__file__).read_text(encoding="utf-8") + Path(metrics.__file__).read_text(encoding="utf-8")
    for page in ("docs/operate.md", "docs/operate.zh.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        assert [name for name in METRICS if f"| `{name}` |" not in text] == [], page

    assert [name for name in METRICS if f'"{name}", (' not in exported] == []


def test_the_files_speak_of_metrics_that_there_are(bare, tmp_path):
    assert bare("alarm", "files", "--into", str(tmp_path / "m")).code == 0

    rules = (tmp_path / "m" / "hongyan.rules.yml").read_text(encoding="utf-8")
    dashboard = (tmp_path / "m" / "hongyan.dashboard.json").read_text(encoding="utf-8")
    named = {name.removesuffix("_bucket") for name in re.findall(r"\bhongyan_\w+", rules + dashboard)}
    assert named
    assert named <= METRICS.keys()
    assert len(json.loads(dashboard)["panels"]) == 14
    for expression in expressions(dashboard, rules):
        for name in re.findall(r"\bhongyan_\w+", expression):
            labels = {*METRICS[name.removesuffix("_bucket")][1], "le", "job", "instance"}
            assert labels_in(expression) <= labels, expression
    alerts = yaml.safe_load(rules)["groups"][0]["rules"]
    assert {"expr", "alert", "labels", "annotations"} <= set.intersection(*map(set, alerts))
