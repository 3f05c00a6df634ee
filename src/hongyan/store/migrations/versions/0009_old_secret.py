"""The API secret before the last change, which is taken for a while."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("account", sa.Column("old_secret", sa.LargeBinary(), nullable=True))
    op.add_column("account", sa.Column("old_secret_ends_ms", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
