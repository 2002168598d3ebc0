"""Run ui's migrations."""

from portus_shared.migrations import run_environment
from portus_ui.storage.tables import Base

run_environment(Base.metadata)
