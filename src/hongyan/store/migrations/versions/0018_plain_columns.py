"""The columns `told` are named by what they hold: the result of a job, and whether a notice of an alarm was sent."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute("ALTER TABLE job RENAME COLUMN told TO result")
    op.execute("ALTER TABLE alarm RENAME COLUMN told TO notified")
