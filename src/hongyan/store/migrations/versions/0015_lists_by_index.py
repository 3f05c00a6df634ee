"""Lists of an account's replies and posts, of signatures by state, and of the audit find their rows by an index."""

from alembic import op

revision = "0015"
down_revision = "0014"

_INDEXES = (
    ("mo_account", "mo", "account_id"),
    ("attempt_account", "attempt", "account_id"),
    ("signature_state", "signature", "state"),
    ("audit_actor", "audit", "actor"),
    ("audit_action", "audit", "action"),
    ("audit_subject", "audit", "subject"),
)


def upgrade() -> None:
    for name, table, column in _INDEXES:
        op.create_index(name, table, [column, "id"])
