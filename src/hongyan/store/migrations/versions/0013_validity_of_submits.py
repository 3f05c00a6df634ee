"""A submit may say how long it may wait."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("task", sa.Column("valid_until_ms", sa.BigInteger(), autoincrement=False, nullable=True))
