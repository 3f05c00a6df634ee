"""Media of MMS, each stored once, and which of them a task shows.

Frozen: what was released is never edited. The living schema is store/schema.py, and a test holds both together.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "media",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("octets", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("used_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index("media_used", "media", ["used_ms"])
    op.create_table(
        "task_media",
        sa.Column("task_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("task_id"),
    )
