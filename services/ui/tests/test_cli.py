from __future__ import annotations

from click.testing import CliRunner

from portus_shared.db import Database
from portus_shared.migrations import is_current
from portus_shared.testing.waiting import free_port
from portus_ui.app import MIGRATIONS, SCHEMA
from portus_ui.cli import main


def environ(database_url: str) -> dict[str, str]:
    return {
        "PORTUS_DATABASE_URL": database_url,
        "PORTUS_BUS_URL": "inprocess:",
        "PORTUS_PUBLIC_URL": "https://portus.example",
        "PORTUS_SERVICE_SECRET": "x",
        "PORTUS_LISTEN": f"127.0.0.1:{free_port()}",
    }


def test_wrong_settings_are_told_one_a_line() -> None:
    done = CliRunner().invoke(main, ["check-config"], env={"PORTUS_DATABASE_URL": ""})
    assert done.exit_code == 2
    assert "PORTUS_PUBLIC_URL is required" in done.output


def test_complete_settings_are_said_to_be(sqlite_url: str) -> None:
    done = CliRunner().invoke(main, ["check-config"], env=environ(sqlite_url))
    assert (done.exit_code, done.output) == (0, "The settings are complete.\n")


def test_migrate_makes_the_tables(sqlite_url: str) -> None:
    assert CliRunner().invoke(main, ["migrate"], env=environ(sqlite_url)).exit_code == 0
    database = Database(sqlite_url, schema=SCHEMA)
    assert is_current(database, MIGRATIONS)
    database.close()


def test_healthcheck_fails_where_nothing_listens(sqlite_url: str) -> None:
    done = CliRunner().invoke(main, ["healthcheck"], env=environ(sqlite_url))
    assert done.exit_code == 1
    assert "not ready" in done.output
