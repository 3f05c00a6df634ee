"""SQL of stopping tasks: the task is locked first, then parcels, then what is in them, in the order of claims and reroutes."""

from collections.abc import Iterable, Sequence

from hongyan.model.message import MessageState, TaskState
from hongyan.model.rows import LockedTask, TaskSlice, UnclaimedMessage
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, Batch, Single
from hongyan.store.sql.release import DROP_SLICE

_LOCK_TASK = Single(
    "SELECT id, account_id, product, state, is_paused, first_id, last_id FROM task WHERE id = :task", lock="FOR UPDATE"
)
_SET_STATE = Single("UPDATE task SET state = :state WHERE id = :task")
_SET_PAUSED = Single("UPDATE task SET is_paused = :paused WHERE id = :task")
_UNFINISHED = Single("INSERT INTO unfinished_pause (task_id) VALUES (:task) ON CONFLICT (task_id) DO NOTHING")
_UNFINISHED_ONES = Single(
    "SELECT u.task_id, (SELECT t.is_paused FROM task t WHERE t.id = u.task_id) FROM unfinished_pause u ORDER BY u.task_id LIMIT 100"
)
_FINISHED = Single("DELETE FROM unfinished_pause WHERE task_id = :task")
_CANCELLING = Single("SELECT id FROM task WHERE state = 0 AND state < 3 ORDER BY id LIMIT 100")
_HAS_SLICES = Single("SELECT 1 FROM task_load WHERE task_id = :task LIMIT 1")
_HAS_MESSAGES = Single(
    "SELECT 1 FROM task t JOIN message m ON m.id BETWEEN t.first_id AND t.last_id AND m.task_id = t.id"
    " WHERE t.id = :task AND m.state IN (2, 3) LIMIT 1"
)
_CANCELLED = Single(
    "SELECT count(*), coalesce(sum(m.points), 0) FROM task t JOIN message m"
    " ON m.id BETWEEN t.first_id AND t.last_id AND m.task_id = t.id WHERE t.id = :task AND m.state = :state"
)
_HELD_MESSAGES = Single(
    "SELECT count(*) FROM task t JOIN message m ON m.id BETWEEN t.first_id AND t.last_id AND m.task_id = t.id"
    " JOIN parcel p ON p.id = m.parcel_id WHERE t.id = :task AND m.state = 2 AND p.state + 0 = 2"
)
_UNRELEASED = Single("SELECT id FROM task WHERE state IN (0, 1, 2) AND state < 3 AND account_id = :account", returns=("id",))
_QUEUED_PAGE = Single(
    "SELECT parcel_id, id, task_id, account_id FROM message WHERE is_open AND state = 2"
    " AND (parcel_id, id) > (:parcel, :message) ORDER BY parcel_id, id LIMIT 2000",
    returns=("parcel_id", "id", "task_id", "account_id"),
    replans=True,
)
_TASK_REACHES = Single(
    "UPDATE task SET first_id = CASE WHEN first_id = 0 THEN :first ELSE first_id END, last_id = :last WHERE id = :task"
)
_PHONES = Single("SELECT phone FROM message WHERE id BETWEEN :first AND :last AND task_id = :task", returns=("phone",))
_PAGE = Single(
    "SELECT id, parcel_id, state FROM message WHERE id > :after AND id <= :last AND task_id = :task ORDER BY id LIMIT 500",
    returns=("id", "parcel_id", "state"),
    replans=True,
)
_LOCK_PARCELS = Batch(
    "SELECT p.id, p.state, p.priority FROM {rows} JOIN parcel p ON p.id = r.id ORDER BY p.id",
    {"id": INT},
    lock="FOR UPDATE OF p",
    returns=("id", "state", "priority"),
)
_HOLD = Batch("UPDATE parcel SET state = 2 FROM {rows} WHERE parcel.id = r.id", {"id": INT})
_LET_GO = Batch("UPDATE parcel SET state = 0 FROM {rows} WHERE parcel.id = r.id AND parcel.state = 2", {"id": INT})

PAGE = 500
_CLAIMED, _HELD = 1, 2


class StoppingSql:
    db: Connection

    def lock_task(self, task_id: int) -> LockedTask | None:
        for i, account, product, state, is_paused, first, last in self.db.run(_LOCK_TASK, task=task_id):
            return LockedTask(
                id=i,
                account_id=account,
                product=product,
                state=TaskState(state),
                is_paused=bool(is_paused),
                first_id=first,
                last_id=last,
            )
        return None

    def set_task_state(self, task_id: int, state: TaskState) -> None:
        self.db.run(_SET_STATE, task=task_id, state=int(state))

    def set_task_paused(self, task_id: int, *, is_paused: bool) -> None:
        self.db.run(_SET_PAUSED, task=task_id, paused=is_paused)
        self.db.run(_UNFINISHED, task=task_id)

    def unfinished_pauses(self) -> list[tuple[int, bool]]:
        return [(task_id, bool(is_paused)) for task_id, is_paused in self.db.run(_UNFINISHED_ONES)]

    def pause_finished(self, task_id: int) -> None:
        self.db.run(_FINISHED, task=task_id)

    def cancelling_tasks(self) -> list[int]:
        return [row[0] for row in self.db.run(_CANCELLING)]

    def cancelled_of(self, task_id: int) -> tuple[int, int]:
        ((count, points),) = self.db.run(_CANCELLED, task=task_id, state=int(MessageState.CANCELLED))
        return count, int(points)

    def held_of(self, task_id: int) -> int:
        ((count,),) = self.db.run(_HELD_MESSAGES, task=task_id)
        return int(count)

    def has_waiting(self, task_id: int) -> bool:
        return bool(self.db.run(_HAS_SLICES, task=task_id) or self.db.run(_HAS_MESSAGES, task=task_id))

    def open_tasks(self, account_id: int) -> list[int]:
        found = {row[0] for row in self.db.run(_UNRELEASED, account=account_id)}
        parcel, message = -1, -1
        while page := self.db.run(_QUEUED_PAGE, parcel=parcel, message=message):
            found.update(task for _, _, task, account in page if account == account_id)
            parcel, message, *_ = page[-1]
        return sorted(found)

    def slice_taken(self, part: TaskSlice, first_id: int, last_id: int) -> None:
        self.db.run(DROP_SLICE, task=part.task_id, slice=part.slice)
        self.task_reaches(part.task_id, first_id, last_id)

    def task_reaches(self, task_id: int, first_id: int, last_id: int) -> None:
        self.db.run(_TASK_REACHES, task=task_id, first=first_id, last=last_id)

    def phones_of(self, task: LockedTask) -> set[int]:
        return {row[0] for row in self.db.run(_PHONES, task=task.id, first=task.first_id, last=task.last_id)}

    def lock_unclaimed(
        self, task: LockedTask, after: int, *, held: bool | None = None
    ) -> tuple[list[UnclaimedMessage], list[int], int | None]:
        asked = {"task": task.id, "after": after, "last": task.last_id}
        waiting = [row for row in self.db.run(_PAGE, **asked) if row[2] in _WAITING]
        locked = {i: rest for i, *rest in self.db.read(_LOCK_PARCELS, [(i,) for i in sorted({row[1] for row in waiting})])}
        page = self.db.run(_PAGE, **asked)  # again, since another transaction may have moved what was in the parcels
        found: list[UnclaimedMessage] = []
        others: list[int] = []
        for message_id, parcel_id, state in page:
            if state not in _WAITING:
                continue
            parcel_state, priority = locked.get(parcel_id, (_CLAIMED, 0))
            if state != _QUEUED or parcel_state == _CLAIMED:
                others.append(message_id)
            elif held is None or held is (parcel_state == _HELD):
                found.append(UnclaimedMessage(message_id, parcel_id, priority))
        return found, others, page[-1][0] if len(page) == PAGE else None

    def hold_parcels(self, parcel_ids: Sequence[int]) -> None:
        self.db.write(_HOLD, [(i,) for i in parcel_ids])

    def let_parcels_go(self, parcel_ids: Iterable[int]) -> None:
        self.db.write(_LET_GO, [(i,) for i in sorted(parcel_ids)])


_QUEUED = 2
_WAITING = frozenset({2, 3})
