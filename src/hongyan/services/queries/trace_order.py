"""The order of a trace: by time, but nothing before its cause."""

from collections.abc import Iterable, Sequence

from hongyan.services.queries.trace_events import TraceEvent


def in_order(
    begun: Sequence[TraceEvent],
    chains: Iterable[Sequence[TraceEvent]],
    ended: Sequence[TraceEvent],
    handed: Sequence[TraceEvent],
) -> list[TraceEvent]:
    """Sort all steps by time, but put none before its cause, since a clock may have been put back between them.

    begun: the first steps; chains: each in order of cause; ended: behind all that had happened by then
    """
    placed: list[tuple[int, TraceEvent]] = []

    def place(steps: Iterable[TraceEvent], least: int) -> None:
        for one in steps:
            least = max(least, one.at_ms)
            placed.append((least, one))

    place(begun, 0)
    first = placed[-1][0]
    for one in chains:
        place(one, first)
    ended_ms = ended[0].at_ms if ended else 0
    place(ended, max(at for at, one in placed if one in begun or one.at_ms <= ended_ms))
    place(handed, placed[-1][0] if ended else first)
    return [one for _, one in sorted(placed, key=lambda pair: pair[0])]
