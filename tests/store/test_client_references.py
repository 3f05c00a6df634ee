"""One client reference, brought to two processes at once."""

import asyncio

from tests.scene import POINTS, Scene

from hongyan.store.database import Database
from hongyan.store.engine.thread_lane import ThreadLane
from hongyan.store.sql.tx import SqlTx


def test_each_of_two_processes_returns_the_first_answer_of_either(furnished_postgres_store: Database) -> None:
    scene = Scene(furnished_postgres_store)
    asked = [
        [scene.admission(client_ref=f"r{number}", client_hash=b"h") for number in order]
        for order in (range(30), range(29, -1, -1))
    ]

    async def go():
        lanes = [ThreadLane(name, furnished_postgres_store.connect, SqlTx) for name in ("one", "other")]
        for lane in lanes:
            lane.start()
        answers = await asyncio.gather(
            *(lane.ask(scene.steps.accept, a) for pair in zip(*asked, strict=True) for lane, a in zip(lanes, pair, strict=True))
        )
        for lane in lanes:
            await lane.stop()
        return answers[::2], answers[1::2]

    one, other = asyncio.run(go())

    assert [answer.task_id for answer in one] == [answer.task_id for answer in reversed(other)]
    assert sum(not answer.is_repeat for answer in (*one, *other)) == 30
    assert scene.points() == POINTS - 30
    assert scene.books_balance()
    scene.close()
