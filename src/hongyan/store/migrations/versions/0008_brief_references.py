"""References that doors make themselves, kept for minutes: an index by which they are found among those kept for days.

Frozen: what was released is never edited. The living schema is store/schema.py, and a test holds both together.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    is_brief = sa.text("substr(ref, 1, 1) = ' '")
    op.create_index("client_ref_brief", "client_ref", ["made_ms"], sqlite_where=is_brief, postgresql_where=is_brief)
