"""Customers connect as to a carrier: listeners, and what accounts may do there."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def _int(name: str, default: str | None = None) -> sa.Column[int]:
    given = None if default is None else sa.text(default)
    return sa.Column(name, sa.BigInteger(), server_default=given, autoincrement=False, nullable=False)


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def upgrade() -> None:
    for column in (
        _text("protocols", ""),
        _text("protocol_login", ""),
        sa.Column("protocol_secret", sa.LargeBinary(), nullable=True),
        _int("sessions_most", "4"),
        _int("window_in", "100"),
        _int("window_out", "16"),
        _int("session_rate", "0"),
        _text("missing_session", "wait"),
        _text("source_rule", "ignore"),
        _text("session_alphabet", "gsm"),
        _text("missing_parts", "send"),
        _flag("knows_sequence"),
    ):
        op.add_column("account", column)
    op.create_table(
        "listener",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        _text("protocol"),
        _text("address"),
        _int("port"),
        _flag("tls"),
        _text("ip_list", ""),
        _int("connections_most"),
        _int("login_within_s"),
        _int("idle_after_s"),
        _int("answer_within_s"),
        _flag("is_stopped"),
        _int("made_ms"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
