"""Flash messages: whether the texts of a task are of message class 0.

Frozen: what was released is never edited. The living schema is store/schema.py, and a test holds both together.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("task", sa.Column("flash", sa.SmallInteger(), server_default=sa.text("0"), nullable=False))
