"""What every table of auth is built on."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Enum, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from portus_auth.domain.leftovers import Leftovers
from portus_auth.domain.roles import Role, Visibility
from portus_auth.domain.rules import PushPolicy
from portus_shared.clock import now
from portus_shared.db import NAMING, UtcDateTime


class Base(DeclarativeBase):
    """Carry the metadata that migrations are compared with."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        Role: Enum(Role, native_enum=False, length=16, values_callable=list, name="role"),
        Visibility: Enum(
            Visibility, native_enum=False, length=16, values_callable=list, name="visibility"
        ),
        Leftovers: Enum(
            Leftovers, native_enum=False, length=16, values_callable=list, name="leftovers"
        ),
        PushPolicy: Enum(
            PushPolicy, native_enum=False, length=16, values_callable=list, name="push_policy"
        ),
    }


class Revised:
    """Give a row its revision and its soft deletion."""

    revision: Mapped[int] = mapped_column(BigInteger, index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]

    def touch(self, revision: int) -> None:
        """Note that the row changes under this revision, or begins with it."""
        self.revision = revision
        self.updated_at = now()

    def remove(self, revision: int) -> None:
        """Delete the row for everybody but the database."""
        self.touch(revision)
        self.deleted_at = self.updated_at
