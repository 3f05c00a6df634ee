"""Leases count their renewals."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("channel_lease", sa.Column("renewals", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
