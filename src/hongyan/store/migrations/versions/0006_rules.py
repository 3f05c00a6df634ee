"""Rules: words that are not allowed, black lists, signatures, products of an account."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("account", sa.Column("products", sa.Text(), server_default="sms", nullable=False))
    op.add_column("account", sa.Column("signature_rule", sa.Text(), server_default="free", nullable=False))
    op.add_column("account", sa.Column("word_check", sa.Text(), server_default="always", nullable=False))
    op.create_table(
        "word",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("plain", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "plain"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "listed",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("phone", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("end_s", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("change", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "phone"),
        sqlite_with_rowid=False,
    )
    op.create_index("listed_change", "listed", ["change"], unique=False)
    op.create_index("listed_end", "listed", ["end_s"], unique=False)
    op.create_table(
        "signature",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("decided_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("signature_name", "signature", ["account_id", "name"], unique=True)


def downgrade() -> None:
    op.drop_table("signature")
    op.drop_table("listed")
    op.drop_table("word")
    for column in ("word_check", "signature_rule", "products"):
        op.drop_column("account", column)
