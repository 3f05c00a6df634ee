"""PDUs that one process asks another for."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, Text, text

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "recording",
        Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False),
        Column("kind", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("is_clear", Boolean, nullable=False, server_default=text("false")),
        Column("asked_ms", BigInteger, nullable=False),
        Column("pdus", LargeBinary),
    )
