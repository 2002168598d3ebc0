"""Remember what a tag once attached a manifest to, also of those that no tag names any more.

Revision ID: 0006
"""

import re
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_ATTACHED = re.compile(r"(sha256|sha512)-([a-f0-9]{64,128})(\.[a-z]+)?")
_KNOWN = sa.text("attached_to IS NOT NULL")
_AT_ONCE = 1000


def upgrade() -> None:
    """Add the column, and fill it from what is known of tags."""
    op.add_column("images", sa.Column("attached_to", sa.String(length=140), nullable=True))
    op.create_index(
        "ix_images_repository_id_attached_to",
        "images",
        ["repository_id", "attached_to"],
        postgresql_where=_KNOWN,
        sqlite_where=_KNOWN,
    )
    _fill(op.get_bind())


def downgrade() -> None:
    """Drop the column."""
    op.drop_index("ix_images_repository_id_attached_to", "images")
    op.drop_column("images", "attached_to")


def _fill(connection: sa.Connection) -> None:
    """Attach what tags name or named; what is left over was counted as an image until now."""
    filled = sa.text(
        "UPDATE images SET attached_to = :to, standing = CASE standing WHEN 'untagged' "
        "THEN 'attached' ELSE standing END WHERE repository_id = :repository AND digest = :digest"
    )
    for some in _slices(connection):
        connection.execute(filled, some)
    counted = sa.text(
        "UPDATE repositories SET untagged_count = (SELECT count(*) FROM images WHERE "
        "images.repository_id = repositories.id AND images.standing = 'untagged') WHERE id IN "
        "(SELECT repository_id FROM images WHERE attached_to IS NOT NULL)"
    )
    connection.execute(counted)


def _slices(connection: sa.Connection) -> Iterator[list[dict[str, object]]]:
    told = connection.execute(
        sa.text(
            "SELECT repository_id, tag, digest FROM tag_history WHERE tag LIKE 'sha%-%' UNION "
            "SELECT repository_id, name, digest FROM tags WHERE name LIKE 'sha%-%'"
        )
    ).all()
    rows = [
        {"repository": repository, "digest": digest, "to": f"{match[1]}:{match[2]}"}
        for repository, tag, digest in told
        if digest and (match := _ATTACHED.fullmatch(tag))
    ]
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]
