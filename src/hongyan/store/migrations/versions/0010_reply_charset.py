"""Parts of replies are kept as they came, each with its charset; those that wait already are UTF-16."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("mo_part", sa.Column("charset", sa.Text(), server_default="utf-16-be", nullable=False))
