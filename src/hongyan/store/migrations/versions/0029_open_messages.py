"""Whether a message is open has a column of its own, so that the index over open ones is left alone until a message ends."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.add_column("message", sa.Column("is_open", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.execute("UPDATE message SET is_open = true WHERE state < 10")
    op.drop_index("message_open", "message")
    op.create_index(
        "message_open",
        "message",
        ["parcel_id", "id"],
        sqlite_where=sa.text("is_open"),
        postgresql_where=sa.text("is_open"),
    )
