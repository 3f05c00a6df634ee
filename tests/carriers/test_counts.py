"""What a link counts: bounded, and right."""

from hongyan.carriers.counts import LinkCounts, ReportDelays


def test_a_report_is_timed_from_its_submit_once():
    delays = ReportDelays()
    delays.expect("a", 1_000)

    delays.met(["b"], 2_000)
    delays.met(["a"], 4_500)
    delays.met(["a"], 9_000)

    assert (sum(delays.spread.counts), delays.spread.total) == (1, 3.5)


def test_reports_that_never_come_are_forgotten():
    delays = ReportDelays()
    for n in range(3_000):
        delays.expect(str(n), n)

    delays.met(["0"], 10_000)
    delays.met(["2999"], 2_999)

    assert sum(delays.spread.counts) == 1
    assert len(delays._waiting) < 1_000


def test_refusals_are_told_apart_up_to_a_bound():
    counts = LinkCounts()
    for n in range(500):
        counts.refuse(str(n))

    assert len(counts.refused) == 101
    assert counts.refused["other"] == 400
