"""Give the lists of deletions and of drift an index for what they are filtered by."""

from collections.abc import Sequence

from alembic import op

revision = "0006"
down_revision = "0005"

_INDICES: Sequence[tuple[str, Sequence[str]]] = (
    ("deletion", ("state", "number")),
    ("drift", ("scan_id", "id")),
    ("drift", ("kind", "id")),
)


def upgrade() -> None:
    """Make the indices."""
    for table, columns in _INDICES:
        op.create_index(_name(table, columns), table, columns)


def downgrade() -> None:
    """Drop them."""
    for table, columns in _INDICES:
        op.drop_index(_name(table, columns), table)


def _name(table: str, columns: Sequence[str]) -> str:
    return "_".join(["ix", table, *columns])
