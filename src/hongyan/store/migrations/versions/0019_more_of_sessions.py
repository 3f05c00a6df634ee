"""Intermediate notices, which PDUs a submit was, the protocol id that goes on with it, and the alphabet of replies."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _text(name: str, default: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def upgrade() -> None:
    op.add_column("account", _text("reply_alphabet", "needed"))
    op.add_column("task", sa.Column("protocol_id", sa.SmallInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("session_submit", _text("pdus", ""))
    op.create_table(
        "notice_wanted", _int("task_id"), _int("account_id"), sa.PrimaryKeyConstraint("task_id"), sqlite_with_rowid=False
    )
    op.create_table(
        "session_notice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        _int("account_id"),
        _int("message_id"),
        _int("at_ms"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("session_notice_due", "session_notice", ["account_id", "at_ms"])
