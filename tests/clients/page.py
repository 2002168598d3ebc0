"""docs/compatibility.md: prose that people write around tables that the tests write.

A cell says on which registries a test is collected for a client; a client for which it is not
has a reason in `ABSENT`. What nothing tests and nothing excuses cannot be rendered.
"""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tests.clients import words
from tests.clients.site import CLIENTS, REGISTRIES

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs" / "compatibility.md"
_START: Final = "<!-- tables: written by tests/clients/update.py -->"
_END: Final = "<!-- /tables -->"
_ORDER: Final = ("signing_in", "pulling", "pushing", "deleting")
_COLLECTED: Final = re.compile(r"(tests/clients/test_(\w+)\.py)::(test_\w+)\[(.+)\]")

NO_DELETE: Final = "cannot delete in a registry"

ABSENT: Final[Mapping[str, Mapping[str, str]]] = {
    "test_a_person_signs_in": {"ctr": "has no login; it takes `--user` with each command"},
    "test_a_token_is_kept_instead_of_the_password": dict.fromkeys(CLIENTS, "keeps the password")
    | {"ctr": "keeps nothing"},
    "test_an_owner_deletes_an_image": dict.fromkeys(CLIENTS, NO_DELETE),
    "test_a_deletion_by_anybody_but_an_owner_is_denied": dict.fromkeys(CLIENTS, NO_DELETE),
    "test_a_layer_that_one_may_not_read_elsewhere_is_sent": {
        "skopeo": "holds no images that a second person could push",
        "ctr": "gives up instead, see below",
    },
    "test_containerd_gives_up_at_a_layer_that_one_may_not_read_elsewhere": dict.fromkeys(
        CLIENTS, "sends it, see above"
    )
    | {"skopeo": "holds no images that a second person could push"},
}

Cells = dict[str, dict[str, set[str]]]


def rendered(page: str) -> str:
    """Return the page with the present tables between its two markers."""
    before, _, rest = page.partition(_START)
    _, _, after = rest.partition(_END)
    tables = "\n\n".join(["\n".join(_operations()), "\n".join(_refusals())])
    return f"{before}{_START}\n\n{tables}\n\n{_END}{after}"


def _operations() -> Iterator[str]:
    yield "| what | " + " | ".join(CLIENTS) + " |"
    yield "|---|" + "---|" * len(CLIENTS)
    files, cells = _collected()
    for test, by_client in cells.items():
        sentence = test.removeprefix("test_").replace("_", " ")
        row = [_cell(test, client, by_client.get(client, set())) for client in CLIENTS]
        yield f"| [{sentence}](../{files[test]}) | {' | '.join(row)} |"


def _cell(test: str, client: str, registries: set[str]) -> str:
    if registries:
        return "tested: " + ", ".join(each for each in REGISTRIES if each in registries)
    return "not run: " + ABSENT[test][client]


def _collected() -> tuple[Mapping[str, str], Cells]:
    """Ask pytest which tests there are, by file and as cells."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "tests/clients"]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    files: dict[str, str] = {}
    cells: Cells = {}
    found = [each for each in _COLLECTED.findall(said) if each[1] in _ORDER]
    for file, _, test, parameters in sorted(found, key=lambda each: _ORDER.index(each[1])):
        parts = parameters.split("-")
        client = next(part for part in parts if part in CLIENTS)
        files[test] = file
        registries = {part for part in parts if part in REGISTRIES}
        cells.setdefault(test, {}).setdefault(client, set()).update(registries)
    return files, cells


def _refusals() -> Iterator[str]:
    yield "| refused | client | says | exit status |"
    yield "|---|---|---|---|"
    kinds = {
        "wrong password": words.WRONG_PASSWORD,
        "pull denied": words.PULL_DENIED,
        "push denied": words.PUSH_DENIED,
        "delete denied": words.DELETE_DENIED,
    }
    for kind, said in kinds.items():
        for client, sentence in said.items():
            yield f"| {kind} | {client} | `{sentence}` | {words.EXIT_CODE[client]} |"
