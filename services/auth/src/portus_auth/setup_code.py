"""Show the one-time set-up code to whoever operates Portus: in the log, and in a file if set."""

from __future__ import annotations

import contextlib
import os
import time
from typing import Final

from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeout

from portus_auth.config import Settings
from portus_auth.domain.secrets import KeyedHash
from portus_auth.usecases.installation import issue_setup_code, recall_setup_code, setup_is_needed
from portus_shared import logs
from portus_shared.db import Database
from portus_shared.errors import Conflict, Unavailable

_LOOK_AGAIN_S: Final = 0.5

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


def wait_for_code(database: Database, settings: Settings, longest_s: float) -> str:
    """Return the code as soon as the server's first start has written it.

    Raises `Conflict` when somebody has an account, and `Unavailable` when there is no code
    after `longest_s` seconds, or none is ever written to a file.
    """
    if settings.setup_code_file is None:
        raise Unavailable("The code is in the log of auth: PORTUS_SETUP_CODE_FILE is not set")
    deadline = time.monotonic() + longest_s
    while not (code := _written(settings).strip()):
        if _somebody_exists(database):
            raise Conflict("There is an account already: sign in, or use create-admin")
        if time.monotonic() >= deadline:
            raise Unavailable("There is no code yet: the log of auth says what it waits for")
        time.sleep(_LOOK_AGAIN_S)
    return code


def _somebody_exists(database: Database) -> bool:
    """Tell whether the setup is over; while there are no tables it is not."""
    try:
        with database.read() as session:
            return not setup_is_needed(session)
    except (DBAPIError, PoolTimeout):
        return False


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
