"""The secret for sessions before the last change, so that a program that goes on with it is known."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.add_column("account", sa.Column("old_protocol_secret", sa.LargeBinary(), nullable=True))
