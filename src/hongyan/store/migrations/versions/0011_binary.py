"""Binary messages: the header of a task's octets.

Frozen: what was released is never edited. The living schema is store/schema.py, and a test holds both together.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("task", sa.Column("udh", sa.Text(), nullable=True))
