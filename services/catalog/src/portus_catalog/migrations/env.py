"""Run what alembic asks for, with the tables the code declares."""

from portus_catalog.storage import chronicle, contents, replica, requests
from portus_catalog.storage.base import Base
from portus_shared.migrations import run_environment

# Importing the modules is what declares their tables.
TABLES = (
    chronicle.ActivityRow,
    contents.RepositoryRow,
    replica.NamespaceRow,
    requests.DeletionRow,
)

run_environment(Base.metadata)
