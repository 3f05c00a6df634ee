"""When a customer's session was heard last."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.add_column(
        "customer_session",
        sa.Column("heard_ms", sa.BigInteger(), autoincrement=False, server_default=sa.text("0"), nullable=False),
    )
