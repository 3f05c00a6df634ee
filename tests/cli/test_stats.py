"""hongyan stats: figures, CSV, and their proof."""

from hongyan.cli.stats import span_of

SEND = ("send", "--account", "acme", "--text", "您好【测试】", "--to")


def test_what_was_sent_today_is_counted(stocked):
    stocked(*SEND, "13800138000")
    stocked(*SEND, "13800138001")

    (row,) = stocked("stats", "--by", "account", "--json").json["stats"]
    assert (row["account"], row["submitted"], row["pending"], row["rate_percent"]) == ("acme", 2, 2, None)
    assert stocked("stats", "--by", "channel", "--csv").out.splitlines() == [
        "channel,submitted,delivered,failed,unknown,cancelled,pending,rate_percent,segments",
        "up1,2,0,0,0,0,2,,2",
    ]
    assert stocked("stats", "--verify", "--json").json["differences"] == 0


def test_a_counter_that_lies_is_found(stocked, data):
    import sqlite3
    from contextlib import closing

    stocked(*SEND, "13800138000")
    with closing(sqlite3.connect(data / "hongyan.db", isolation_level=None)) as store:
        store.execute("UPDATE hourly SET messages = messages + 1")

    done = stocked("stats", "--verify", "--json")
    assert (done.code, done.json["differing"][0]["counted"], done.json["differing"][0]["stored"]) == (6, [2, 1], [1, 1])


def test_a_sum_that_lies_is_found(stocked, data):
    import sqlite3
    from contextlib import closing

    stocked(*SEND, "13800138000")
    with closing(sqlite3.connect(data / "hongyan.db", isolation_level=None)) as store:
        store.execute("UPDATE summed_up SET hour = 1000000")

    done = stocked("stats", "--verify", "--json")
    assert done.code == 6
    assert [(row.get("account_id"), row["figure"], row["counted"], row["summed"]) for row in done.json["differing"]] == [
        (1, "submitted", 1, 0),
        (1, "segments", 1, 0),
        (None, "submitted", 1, 0),
        (None, "segments", 1, 0),
    ]


def test_a_day_is_chinas_and_a_wrong_one_is_said(hongyan):
    assert span_of("2026-11-01", "2026-11-02") == (1_793_462_400_000, 1_793_635_200_000)
    assert hongyan("stats", "--from", "yesterday").code == 2
    assert hongyan("stats", "--from", "2026-11-02", "--to", "2026-11-01").code == 2
