"""What is made of an account's requests that are in no charset that they may be in.

Frozen: what was released is never edited. The living schema is store/schema.py, and a test holds both together.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("account", sa.Column("charset", sa.Text(), server_default="strict", nullable=False))


def downgrade() -> None:
    op.drop_column("account", "charset")
