"""Find the tokens of accounts that have none any more, and decisions by how they ended.

Revision ID: 0010
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TOKENS, _DECISIONS = "ix_application_tokens_user_id", "ix_decisions_outcome_last_at_id"


def upgrade() -> None:
    """Make the indices."""
    op.create_index(_TOKENS, "application_tokens", ["user_id"])
    op.create_index(_DECISIONS, "decisions", ["outcome", "last_at", "id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index(_DECISIONS, "decisions")
    op.drop_index(_TOKENS, "application_tokens")
