"""Parts of one reply, brought by two processes at once."""

import threading

from hongyan.model.traffic import ReplyPart
from hongyan.store.database import Database


def part(number: int) -> ReplyPart:
    return ReplyPart(1, 8613800138000, "10690000123", b"\x4f\x60", "", 1_795_224_700_000, 7, number, 2)


def test_the_second_of_two_processes_sees_the_part_that_the_first_one_brought(store: Database) -> None:
    seen: list[list[ReplyPart]] = []
    is_there = threading.Event()

    def other() -> None:
        with store.transaction() as tx:
            tx.open_set(part(2))
            seen.append(tx.add_part(part(2)))
        is_there.set()

    with store.transaction() as tx:
        known, was_handed_on = tx.open_set(part(1))
        tx.add_part(part(1))
        thread = threading.Thread(target=other)
        thread.start()
        assert not is_there.wait(0.2)  # it waits for us
    thread.join(20)

    assert (known, was_handed_on) == ([], False)
    assert [[p.part for p in parts] for parts in seen] == [[1, 2]]
