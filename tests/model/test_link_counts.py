"""What a link counts: bounded, and right."""

from hongyan.model.link_counts import LinkCounts, ReportDelays
from hongyan.model.message import ReceiptState
from hongyan.model.traffic import Receipt


def receipt(name, at_ms):
    return Receipt(7, (name,), 0, ReceiptState.DELIVERED, "DELIVRD", at_ms, at_ms)


def test_a_report_is_timed_from_its_submit_once():
    delays = ReportDelays()
    delays.expect("a", 1_000)

    for name, at_ms in [("b", 2_000), ("a", 4_500), ("a", 9_000)]:
        delays.note([receipt(name, at_ms)])

    assert (sum(delays.histogram.counts), delays.histogram.total) == (1, 3.5)


def test_reports_that_never_come_are_forgotten():
    delays = ReportDelays()
    for n in range(3_000):
        delays.expect(str(n), n)

    delays.note([receipt("0", 10_000), receipt("2999", 2_999)])

    assert sum(delays.histogram.counts) == 1
    assert len(delays._waiting) < 1_000


def test_refusals_are_reported_apart_up_to_a_bound():
    counts = LinkCounts()
    for n in range(500):
        counts.refuse(str(n))

    assert len(counts.refused) == 101
    assert counts.refused["other"] == 400
