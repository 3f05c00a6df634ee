"""Notes on entries that were made by hand, with those that the audit has; and balances at the end of days."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_NOTE = {"sqlite": "json_extract(a.after, '$.note')", "postgresql": "CAST(a.after AS json) ->> 'note'"}


def upgrade() -> None:
    op.create_table(
        "entry_note",
        sa.Column("kind", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("points", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject"),
        sqlite_with_rowid=False,
    )
    op.create_index("entry_note_of", "entry_note", ["account_id", "made_ms"])
    op.create_index("entry_note_made", "entry_note", ["made_ms"])
    op.create_table(
        "closing",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("points", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "product", "day"),
        sqlite_with_rowid=False,
    )
    note = _NOTE[op.get_bind().dialect.name]
    op.execute(
        "INSERT INTO entry_note SELECT e.kind, e.subject, e.account_id, e.product, e.points,"
        f" COALESCE({note}, ''), COALESCE(a.actor, ''), e.made_ms"
        " FROM entry e LEFT JOIN audit a ON a.id = e.subject WHERE e.kind IN (1, 4)"
    )
    # what older entries came to stands before everything that is known
    op.execute(
        "INSERT INTO turnover SELECT 0, account_id, product, kind, sum(points) FROM turnover WHERE kind = 5"
        " GROUP BY account_id, product, kind"
    )
    op.execute("DELETE FROM turnover WHERE kind = 5 AND hour > 0")
