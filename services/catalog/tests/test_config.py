"""Settings: what is needed, and all faults at once."""

import pytest

from portus_catalog.config import read
from portus_shared.config import InvalidSettings


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InvalidSettings) as caught:
        read({"PORTUS_AUTH_URL": "nonsense"})
    text = str(caught.value)
    for name in ("DATABASE_URL", "BUS_URL", "PUBLIC_URL", "AUTH_URL"):
        assert f"PORTUS_{name}" in text
