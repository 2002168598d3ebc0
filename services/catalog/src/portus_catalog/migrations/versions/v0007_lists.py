"""Give every list of a large catalogue an index in its order.

Nearly all repositories are alive, so an index that begins with it misleads SQLite, which then
reads them all by it; now they are the condition of the indices. Of the manifests few have a
subject. A namespace is asked for without its registry too, and with `alive` its index alone tells
who may see how much.

Revision ID: 0007
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_ALIVE = {"sqlite_where": sa.text("alive = 1"), "postgresql_where": sa.text("alive")}
_HAS_SUBJECT = {
    "sqlite_where": sa.text("subject IS NOT NULL"),
    "postgresql_where": sa.text("subject IS NOT NULL"),
}
_Index = tuple[str, str, dict[str, Any]]
"""A table, the columns of an index on it, and its condition."""

_BEFORE: list[_Index] = [
    ("repositories", "registry namespace path", {}),
    ("repositories", "alive full_name id", {}),
    ("repositories", "alive last_push_at id", {}),
    ("manifests", "registry subject", {}),
    ("images", "manifest_id", {}),
    ("tags", "repository_id digest", {}),
]
_AFTER: list[_Index] = [
    ("repositories", "namespace registry path alive", {}),
    ("repositories", "full_name id", _ALIVE),
    ("repositories", "path id", _ALIVE),
    ("repositories", "updated_at id", _ALIVE),
    ("manifests", "registry subject", _HAS_SUBJECT),
    ("images", "manifest_id repository_id", {}),
    ("tags", "repository_id digest state updated_at id", {}),
]


def upgrade() -> None:
    """Exchange the indices."""
    _exchange(_BEFORE, _AFTER)


def downgrade() -> None:
    """Exchange them back."""
    _exchange(_AFTER, _BEFORE)


def _exchange(old: list[_Index], new: list[_Index]) -> None:
    for table, columns, _ in old:
        op.drop_index(_name(table, columns), table)
    for table, columns, condition in new:
        op.create_index(_name(table, columns), table, columns.split(), **condition)


def _name(table: str, columns: str) -> str:
    return "_".join(["ix", table, *columns.split()])
