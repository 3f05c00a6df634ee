"""The list of tasks walks by an index in its order, and finds the few that wait, are paused or were cancelled by one of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

_UNUSUAL = sa.text("state <> 3 OR is_paused")


def upgrade() -> None:
    op.create_index("task_accepted", "task", ["accepted_ms"])
    op.create_index("task_unusual", "task", ["accepted_ms"], sqlite_where=_UNUSUAL, postgresql_where=_UNUSUAL)
