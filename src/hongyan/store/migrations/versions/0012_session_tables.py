"""Sessions of customers who connect as to a carrier, what their submits say, and parts of long texts."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False)


def _int(name: str, default: str | None = None) -> sa.Column[int]:
    given = None if default is None else sa.text(default)
    return sa.Column(name, sa.BigInteger(), server_default=given, autoincrement=False, nullable=False)


def _small(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.SmallInteger(), autoincrement=False, nullable=False)


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "customer_session",
        _id(),
        _int("account_id"),
        _text("protocol"),
        _text("version"),
        _text("address"),
        _int("listener_id"),
        _text("owner"),
        _flag("receives"),
        _int("opened_ms"),
        _int("seen_ms"),
        _int("closed_ms", "0"),
        _text("why", ""),
        *(_int(name, "0") for name in ("submits", "refused", "deliveries", "waiting_in", "waiting_out")),
        _flag("is_kicked"),
        sa.PrimaryKeyConstraint("id"),
    )
    up = sa.text("closed_ms = 0")
    op.create_index("customer_session_up", "customer_session", ["account_id"], sqlite_where=up, postgresql_where=up)
    op.create_index("customer_session_closed", "customer_session", ["closed_ms"])
    op.create_table(
        "session_submit",
        _int("task_id"),
        _int("account_id"),
        _text("source"),
        _text("service"),
        _text("reports"),
        sa.PrimaryKeyConstraint("task_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("session_submit_service", "session_submit", ["account_id", "service", "task_id"])
    op.create_table(
        "session_part",
        _id(),
        _int("account_id"),
        _text("text_key"),
        _small("part"),
        _small("parts"),
        _text("body"),
        _text("facts"),
        _text("message_id"),
        _int("received_ms"),
        _int("task_id", "0"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("session_part_text", "session_part", ["account_id", "text_key"])
    waits = sa.text("task_id = 0")
    op.create_index("session_part_open", "session_part", ["account_id", "text_key"], sqlite_where=waits, postgresql_where=waits)
