"""The declarative base of the catalogue's tables, and the column types they share."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, MetaData, String
from sqlalchemy.orm import DeclarativeBase

from portus_shared.db import NAMING

Name: Final = String(255).with_variant(String(255, collation="C"), "postgresql")
"""A name compared byte by byte, in PostgreSQL as in SQLite, whatever the database's locale."""
Digest: Final = String(140)
Stamp: Final = BigInteger()
"""A hybrid stamp in microseconds: `observed_at` of sync, or `revision` of auth."""


class Base(DeclarativeBase):
    """Hold the metadata of the catalogue's own tables."""

    metadata = MetaData(naming_convention=NAMING)
