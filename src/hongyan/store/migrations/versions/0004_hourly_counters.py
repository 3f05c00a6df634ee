"""Hourly counters of messages and money, filled from what is stored. Of older messages the carrier is not known: ''."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_HOUR = f"{438288} + id / {3_600_000 << 22}"  # 438,288 hours from 1970 to 2020, where ids begin


def upgrade() -> None:
    op.create_table(
        "hourly",
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("state", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("messages", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("segments", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("hour", "account_id", "product", "channel_id", "carrier", "state"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "hourly_code",
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("messages", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("hour", "account_id", "channel_id", "state", "code"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "turnover",
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("points", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("hour", "account_id", "product", "kind"),
        sqlite_with_rowid=False,
    )
    op.create_index("turnover_of", "turnover", ["account_id", "product", "hour"])
    for state, which in (("0", ""), ("state", "WHERE state >= 10")):
        op.execute(
            f"INSERT INTO hourly SELECT {_HOUR}, account_id, product, channel_id, '', {state}, count(*), sum(segments)"
            f" FROM message {which} GROUP BY {_HOUR}, account_id, product, channel_id{'' if state == '0' else ', state'}"
        )
    op.execute(
        f"INSERT INTO hourly_code SELECT {_HOUR}, account_id, channel_id, state, CASE WHEN code = '' THEN 'UNKNOWN' ELSE code END,"
        f" count(*) FROM message WHERE state > 10"
        f" GROUP BY {_HOUR}, account_id, channel_id, state, CASE WHEN code = '' THEN 'UNKNOWN' ELSE code END"
    )
    op.execute(
        "INSERT INTO turnover SELECT made_ms / 3600000, account_id, product, kind, sum(points) FROM entry"
        " GROUP BY made_ms / 3600000, account_id, product, kind"
    )
