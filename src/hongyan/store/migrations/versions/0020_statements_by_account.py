"""The messages of a span are found by account: statements are read page by page."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_index("hourly_of", "hourly", ["account_id", "hour"])
