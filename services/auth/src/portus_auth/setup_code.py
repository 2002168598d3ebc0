"""Show the one-time set-up code to whoever operates Portus: in the log, and in a file if set."""

from __future__ import annotations

import contextlib
import os

from portus_auth.config import Settings
from portus_auth.domain.secrets import KeyedHash
from portus_auth.usecases.installation import issue_setup_code, recall_setup_code, setup_is_needed
from portus_shared import logs
from portus_shared.db import Database

_log = logs.logger(__name__)


def announce(database: Database, hashes: KeyedHash, settings: Settings) -> None:
    """Log a set-up code while there is no account; a code in the file that is good stays so."""
    with database.read() as session:
        if not setup_is_needed(session):
            withdraw(settings)
            return
        code = recall_setup_code(session, hashes, _written(settings))
    if code is None:
        with database.write() as session:
            code = issue_setup_code(session, hashes)
    if code is not None:
        _write(settings, code)
        where = f"{settings.service.public_url}/setup"
        _log.warning("create the first admin", extra={"setup_code": code, "address": where})


def withdraw(settings: Settings) -> None:
    """Remove the file: its code is void."""
    if settings.setup_code_file:
        settings.setup_code_file.unlink(missing_ok=True)


def _written(settings: Settings) -> str:
    if settings.setup_code_file is None:
        return ""
    with contextlib.suppress(FileNotFoundError):
        return settings.setup_code_file.read_text(encoding="utf-8")
    return ""


def _write(settings: Settings, code: str) -> None:
    """Write the file for its owner's eyes only."""
    if settings.setup_code_file is None:
        return
    settings.setup_code_file.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(settings.setup_code_file, flags, 0o600), "w") as stream:
        stream.write(f"{code}\n")
