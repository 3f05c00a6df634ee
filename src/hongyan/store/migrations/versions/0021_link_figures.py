"""How links do, for the consoles of other processes."""

from alembic import op
from sqlalchemy import BigInteger, Column, Text

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "link_figures",
        Column("channel", Text, primary_key=True),
        Column("at_ms", BigInteger, nullable=False),
        Column("figures", Text, nullable=False),
    )
