"""Messages that were sent once more, and why.

Frozen: what was released is never edited. The living schema is store/schema.py, and a test holds both together.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "resent",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("failed_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("resent_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("message_id"),
    )
