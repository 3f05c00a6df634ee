"""The numbers of slices are packed; they were JSON."""

from struct import pack

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_LOAD = sa.table("task_load", sa.column("task_id"), sa.column("slice"), sa.column("numbers"))


def upgrade() -> None:
    connection = op.get_bind()
    keys = connection.execute(sa.select(_LOAD.c.task_id, _LOAD.c.slice)).all()
    for task_id, number in keys:
        where = (_LOAD.c.task_id == task_id) & (_LOAD.c.slice == number)
        octets = connection.execute(sa.select(_LOAD.c.numbers).where(where)).scalar_one()
        connection.execute(sa.update(_LOAD).where(where).values(numbers=_packed(*orjson.loads(bytes(octets)))))


def _packed(phones: list[int], texts: list[str] | None, segments: list[int], points: list[int]) -> bytes:
    return pack(f"<I{len(phones)}q", len(phones), *phones) + orjson.dumps((texts, segments, points))
