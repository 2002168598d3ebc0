"""Everything that must hold before a change lands: `./portus test [options for pytest]`.

Linters, types, import contracts, then the tests. All sections run, also after a failure, so that
one run tells everything; the exit status is 0 only when all are in order. Options:

    --fast         leave out tests marked slow
    --only NAME    one section: ruff, format, types, imports or tests
    --containers   only the tests that build images and run them with docker-compose (minutes)

Tests run in several processes, a file in one of them; `-n 0` is one after another. Everything
else goes to pytest. pytest runs last, so that its own last line ends the output.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
_DISTRIBUTIONS: Final = ("shared", "services", "standalone", "tests")
_MOST_PROCESSES: Final = 4  # each starts a PostgreSQL and a RabbitMQ of its own

Command = list[str]


def main(arguments: Sequence[str]) -> int:
    """Run the sections asked for and return the exit status."""
    sections = _sections()
    options, for_pytest = _parser(sections).parse_known_args(arguments)
    if options.containers:
        options.only, for_pytest = "tests", ["-m", "containers", "tests/deploy", *for_pytest]
        os.environ["PORTUS_TEST_CONTAINERS"] = "yes"
    chosen = [options.only] if options.only else list(sections)
    results: dict[str, bool] = {}
    for name in chosen:
        if name == "tests":
            _summarise(results)
        command = sections[name]() + (_pytest_options(options, for_pytest) * (name == "tests"))
        results[name] = _run(name, command)
    failed = [name for name, passed in results.items() if not passed]
    return 1 if failed else 0


def _sections() -> Mapping[str, Callable[[], Command]]:
    folders = [name for name in (*_DISTRIBUTIONS, "deploy", "benchmarks") if (ROOT / name).is_dir()]
    return {
        "ruff": lambda: _tool("ruff", "check", "--quiet", "."),
        "format": lambda: _tool("ruff", "format", "--check", "--quiet", "."),
        "types": lambda: _tool("mypy", *folders),
        "imports": lambda: [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        "tests": lambda: _tool("pytest"),
    }


def _tool(module: str, *arguments: str) -> Command:
    return [sys.executable, "-m", module, *arguments]


def _parser(sections: Mapping[str, object]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./portus test", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--fast", action="store_true", help="leave slow tests out")
    parser.add_argument("--only", choices=list(sections), help="run one section")
    parser.add_argument("--containers", action="store_true", help="test the images and compose")
    return parser


def _pytest_options(options: argparse.Namespace, others: list[str]) -> list[str]:
    # Half of a test's time is waiting for a program to start; a file's tests share what they start.
    spread = ["-n", str(min(os.cpu_count() or 1, _MOST_PROCESSES)), "--dist", "loadfile"]
    return ["-m", "not slow"] * options.fast + spread * (not options.containers) + others


def _run(name: str, command: Command) -> bool:
    print(f"── {name} " + "─" * (76 - len(name)), flush=True)
    started = time.monotonic()
    status = subprocess.run(command, cwd=ROOT, check=False).returncode
    passed = status == 0
    if name != "tests":
        verdict = "in order" if passed else f"NOT in order (exit status {status})"
        print(f"{name}: {verdict}, {time.monotonic() - started:.0f} s", flush=True)
    return passed


def _summarise(results: Mapping[str, bool]) -> None:
    """Say what the checks found before pytest prints what nobody scrolls back over."""
    failed = [name for name, passed in results.items() if not passed]
    if failed:
        print(f"\nNOT in order: {', '.join(failed)} (see above); the tests run all the same.\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
