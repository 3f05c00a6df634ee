"""Closings of days that the clock was put back into are found by an index."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_index("closing_day", "closing", ["day"])
