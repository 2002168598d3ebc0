from __future__ import annotations

from pathlib import Path

import pytest

from portus_shared.config import InvalidSettings, Reader, Secret, read_service


def test_all_faults_are_reported_at_once() -> None:
    reader = Reader({"PORTUS_PORT": "many", "PORTUS_OPEN": "perhaps", "PORTUS_URL": "nowhere"})
    reader.integer("PORT", 1)
    reader.boolean("OPEN", default=False)
    reader.url("URL")
    reader.text("MISSING")
    with pytest.raises(InvalidSettings) as raised:
        reader.finish()
    assert raised.value.faults == (
        "PORTUS_PORT must be a whole number",
        "PORTUS_OPEN must be true or false",
        "PORTUS_URL must be an absolute http:// or https:// URL",
        "PORTUS_MISSING is required",
    )


def test_a_setting_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from the file\n")
    reader = Reader({"PORTUS_PASSWORD_FILE": str(file)})
    assert reader.secret("PASSWORD").reveal() == "from the file"


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    reader = Reader({"PORTUS_PASSWORD_FILE": str(tmp_path / "absent")})
    reader.secret("PASSWORD", "")
    with pytest.raises(InvalidSettings, match="PORTUS_PASSWORD_FILE cannot be read"):
        reader.finish()


def test_a_number_out_of_bounds_is_a_fault() -> None:
    reader = Reader({"PORTUS_LIFE": "59"})
    reader.integer("LIFE", 300, minimum=60, maximum=600)
    with pytest.raises(InvalidSettings, match="between 60 and 600"):
        reader.finish()


def test_a_secret_is_never_printed() -> None:
    secret = Secret("hunter2")
    assert "hunter2" not in f"{secret} {secret!r}"


def test_defaults_hold_where_nothing_is_set() -> None:
    reader = Reader({})
    assert reader.words("NAMES", ["a"]) == ("a",)
    assert reader.boolean("ON", default=True)
    assert not Reader({"PORTUS_ON": "no"}).boolean("ON", default=True)
    assert reader.choice("LEVEL", ["info", "debug"], "info") == "info"


def test_a_service_needs_its_database_bus_origin_and_authority() -> None:
    reader = Reader({})
    read_service(reader)
    with pytest.raises(InvalidSettings) as raised:
        reader.finish()
    assert [fault.split()[0] for fault in raised.value.faults] == [
        "PORTUS_DATABASE_URL",
        "PORTUS_BUS_URL",
        "PORTUS_PUBLIC_URL",
        "PORTUS_CA_CERT_FILE",
    ]
