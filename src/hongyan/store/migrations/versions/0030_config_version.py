"""The counter that grows with every change of configuration is named by what it counts."""

from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.execute("UPDATE counter SET name = 'config_version' WHERE name = 'book'")
