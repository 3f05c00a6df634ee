"""Sums of the hourly counters, by account and day, by channel and hour, and of codes by day. They are filled while the server runs."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def _key(name: str, of: type[sa.Integer] = sa.BigInteger) -> sa.Column[int]:
    return sa.Column(name, of(), autoincrement=False, nullable=False)


def _figures() -> list[sa.Column[int]]:
    names = ("submitted", "delivered", "failed", "unknown", "cancelled", "segments")
    return [sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "account_day",
        _key("day"),
        _key("account_id"),
        _key("product", sa.SmallInteger),
        _key("channel_id"),
        *_figures(),
        sa.PrimaryKeyConstraint("day", "account_id", "product", "channel_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "channel_hour",
        _key("hour"),
        _key("channel_id"),
        _key("product", sa.SmallInteger),
        sa.Column("carrier", sa.Text(), nullable=False),
        *_figures(),
        sa.PrimaryKeyConstraint("hour", "channel_id", "product", "carrier"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "code_day",
        _key("day"),
        _key("channel_id"),
        _key("state", sa.SmallInteger),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("messages", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("day", "channel_id", "state", "code"),
        sqlite_with_rowid=False,
    )
    op.create_table("summed_up", _key("id", sa.SmallInteger), _key("hour"), _key("account_id"), sa.PrimaryKeyConstraint("id"))
    op.execute("INSERT INTO summed_up (id, hour, account_id) VALUES (1, 0, 0)")
