"""Each alarm has its page, in both languages, and whatever points to one finds it."""

import re

import pytest
from tests.docs.pages import ROOT, anchors

from hongyan.model.alarm import AlarmKind

PAGES = ("docs/alarms.md", "docs/alarms.zh.md")


@pytest.mark.parametrize("page", PAGES)
def test_each_alarm_has_its_heading(page):
    assert {kind.value for kind in AlarmKind} <= set(anchors((ROOT / page).read_text(encoding="utf-8")))


def test_the_rules_for_prometheus_lead_to_them():
    rules = (ROOT / "src/hongyan/monitoring/hongyan.rules.yml").read_text(encoding="utf-8")
    there = set(anchors((ROOT / "docs/alarms.md").read_text(encoding="utf-8")))

    named = set(re.findall(r'page: "docs/alarms\.md#([\w-]+)"', rules))
    assert {kind.value for kind in AlarmKind} <= named <= there
