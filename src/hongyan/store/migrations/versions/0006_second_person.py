"""Tokens of the admin API, what waits for a second person, and calls that are done once."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False)


def _int(name: str, default: str | None = None) -> sa.Column[int]:
    given = None if default is None else sa.text(default)
    return sa.Column(name, sa.BigInteger(), server_default=given, autoincrement=False, nullable=False)


def upgrade() -> None:
    op.create_table(
        "token",
        _id(),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False),
        _int("made_ms"),
        _int("ends_ms"),
        _int("used_ms", "0"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_index("token_digest", "token", ["digest"], unique=True)
    op.create_table(
        "approval",
        _id(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False),
        sa.Column("behind", sa.Text(), server_default="", nullable=False),
        _int("made_ms"),
        sa.Column("decider", sa.Text(), server_default="", nullable=False),
        _int("decided_ms", "0"),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("approval_state", "approval", ["state", "id"])
    op.create_table(
        "done_once",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        _int("made_ms"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("done_once_made", "done_once", ["made_ms"])
