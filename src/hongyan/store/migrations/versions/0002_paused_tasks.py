"""Tasks can be paused."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("task", sa.Column("is_paused", sa.Boolean(), server_default=sa.text("false"), nullable=False))
