"""What alembic runs; the work is shared."""

from portus_shared.migrations import run_environment
from portus_sync.storage.tables import Base

run_environment(Base.metadata)
