"""What alembic runs; the work is in `portus_shared.migrations`."""

from portus_auth.storage.tables import Base
from portus_shared.migrations import run_environment

run_environment(Base.metadata)
