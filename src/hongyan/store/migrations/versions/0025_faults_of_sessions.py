"""What a customer's session got wrong, and until when it is held back for it."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    for name in ("faults", "held_until_ms"):
        op.add_column(
            "customer_session",
            sa.Column(name, sa.BigInteger(), autoincrement=False, server_default=sa.text("0"), nullable=False),
        )
