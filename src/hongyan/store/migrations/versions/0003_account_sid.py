"""The accountSid of manual 002's platform."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("account", sa.Column("sid", sa.Text(), server_default="", nullable=False))
