"""What others reached: measured once on a 2-core machine with these same tools, median of three; and what Hongyan aims at.

Kannel 1.4.5 is C and never syncs its store; Jasmin 0.11.1 is Python with RabbitMQ and Redis, one receipt bug mended.
"""

from bench.doors import DOORS
from bench.hostile import NAMES

SOURCE = "Kannel 1.4.5 and Jasmin 0.11.1, measured with bench/tools on 2 cores, median of three"

PEERS: dict[tuple[str, str], str] = {
    ("end", "accepted/s"): "Kannel 10,600 to 13,700 without receipts or fsync; Jasmin 2,350 in a burst, not durable",
    ("end", "pushed/s"): "Kannel 4,180 to 4,760 (receipts in memory, no fsync), 2,490 (Redis), 590 (SQLite); Jasmin 107",
    ("end", "CPU µs/message"): "Kannel 294 to 321, 508 with Redis; Jasmin 5,500 to 6,500",
    ("half", "accept p50 ms"): "Kannel 0.32, 1.3 with receipts at 2,000/s; Jasmin 0.61 at 400/s, not durable",
    ("half", "accept p99 ms"): "Kannel 0.83, 13 with receipts at 2,000/s; Jasmin 1.5 at 400/s",
    ("link", "sent/s"): "Kannel 4,280 (window 100); Jasmin 46 (one outstanding)",
    ("kannel", "pushed/s"): "Kannel 4,180 to 4,760 on the machine of these figures: the rest is the machine",
    ("kannel", "CPU µs/message"): "Kannel 294 to 321 there",
    ("memory", "MiB at most"): "Kannel 26, 142 with receipts; Jasmin 408 after 20,000",
}

JASMIN = {"pushed/s": 107.0, "CPU µs/message": 6_000.0}
"""With receipts and callbacks, of that run."""

GOALS: dict[tuple[str, str], str] = {
    ("end", "pushed/s"): "≥ 12,000",
    ("end", "CPU µs/message"): "≤ 75",
    ("end", "missing"): "0",
    ("stored", "SQLite: stored ÷ empty"): "≤ 1.1",
    ("stored", "PostgreSQL: stored ÷ empty"): "≤ 1.1",
    ("half", "accept p50 ms"): "≤ 2",
    ("half", "accept p99 ms"): "≤ 6",
    ("task", "accept s"): "≤ 1 for 100,000",
    ("task", "receipted/s"): "≥ 40,000",
    ("batch", "accept s"): "≤ 1.5 for 50,000",
    ("beside", "accept p99 ms"): "≤ 15",
    ("many", "many ÷ few"): "≤ 1.2",
    ("pythons", "newer ÷ this"): "≤ 1.05",
    ("postgres", "pushed/s"): "≥ 8,000",
    ("link", "share of window ÷ round trip %"): "≥ 95",
    **{("links", f"{load}: slowest link/s"): "≥ 9,900" for load in ("kept", "kept, receipts")},
    **{("links", f"{load}: CPU µs/segment"): "≤ 25" for load in ("kept", "kept, receipts")},
    ("links", "one, 20 ms: share of window ÷ round trip %"): "≥ 95",
    **{("flow", f"{ms} ms: sent/s"): "≥ 97" for ms in (5, 50, 200)},
    **{("flow", f"{ms} ms: throttled %"): "< 0.1" for ms in (5, 50, 200)},
    **{("flow", f"{ms} ms: most in a second"): "≤ 100" for ms in (5, 50, 200)},
    **{
        ("codec", f"{protocol} {pdu} {way} µs"): goal
        for protocol in ("cmpp2", "cmpp3", "smpp", "smgp", "sgip")
        for pdu, way, goal in (
            ("answer", "encode", "≤ 2"),
            ("answer", "decode", "≤ 3"),
            ("submit", "encode", "≤ 8"),
            ("submit", "decode", "≤ 12"),
            ("deliver", "encode", "≤ 8"),
            ("deliver", "decode", "≤ 12"),
        )
    },
    **{("mms", f"{spelling} µs/KB"): "≤ 3" for spelling in ("multipart", "not escaped", "escaped")},
    ("memory", "MiB at most"): "≤ 200",
}

GOALS |= {("doors", f"{door.path[1:]} CPU µs over it"): "≤ 120" if door.is_costly else "≤ 40" for door in DOORS[1:]}
for _name in NAMES:
    GOALS |= {("hostile", f"{_name} CPU ms"): "≤ 50", ("hostile", f"{_name} MiB"): "≤ 19"}
