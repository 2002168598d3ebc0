"""How fast facts flow: notifications into sync, events through the outbox, pushes into catalog.

`python -m benchmarks.flow [figure…]` prints events per second and microseconds of processor per
event, on both databases: medians of three rounds, with the budget. `--against DIRECTORY` measures
another checkout of Portus in turns with this one and prints the ratios, which is the only honest
comparison on a machine that does other things too. `--profile` tells where the time goes instead.
"""

import argparse
import cProfile
import json
import os
import pstats
import statistics
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from benchmarks.flow_figures import FIGURES, Figure, Rates, measured

from portus_shared import logs
from portus_shared.testing.postgres import PostgreSQL

ROUNDS = 3
DATABASES = ("sqlite", "postgresql")


def main() -> None:
    """Measure what was asked for."""
    asked = _arguments()
    figures = [figure for figure in FIGURES if not asked.figures or figure.name in asked.figures]
    if asked.profile:
        _profile(figures, asked.database)
    elif asked.raw:
        print(json.dumps(_round(figures, asked.database)))
    else:
        _compare(figures, asked.database, asked.against)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figures", nargs="*", help=", ".join(figure.name for figure in FIGURES))
    parser.add_argument("--database", action="append", choices=DATABASES)
    parser.add_argument("--against", type=Path, help="another checkout of Portus")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--raw", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    asked.database = asked.database or DATABASES
    return asked


def _round(figures: list[Figure], databases: list[str]) -> dict[str, Rates]:
    """Measure everything once; the log lines are written, as in production, but to nowhere."""
    found: dict[str, Rates] = {}
    with ExitStack() as opened:
        nowhere = opened.enter_context(Path(os.devnull).open("w", encoding="utf-8"))
        logs.configure("info", stream=nowhere)
        server = opened.enter_context(PostgreSQL(synced=True)) if _needs(databases) else None
        for figure in figures:
            for database in databases:
                found[f"{figure.name} {database}"] = measured(figure, database, server)
    return found


def _needs(databases: list[str]) -> bool:
    return "postgresql" in databases


def _profile(figures: list[Figure], databases: list[str]) -> None:
    with cProfile.Profile() as profile:
        print(_round(figures, databases))
    pstats.Stats(profile).sort_stats("tottime").print_stats(45)
    pstats.Stats(profile).sort_stats("cumulative").print_stats(80)


def _compare(figures: list[Figure], databases: list[str], other: Path | None) -> None:
    here = Path(__file__).resolve().parent.parent
    checkouts = [here, other.resolve()] if other else [here]
    rounds: dict[Path, list[dict[str, Rates]]] = {checkout: [] for checkout in checkouts}
    for _ in range(ROUNDS):
        for checkout in checkouts:
            rounds[checkout].append(_round_of(checkout, figures, databases))
    print(f"{'':<36}{'per s':>8}{'CPU µs':>8}{'budget':>8}{'   against: per s':>18}{'CPU µs':>8}")
    for figure in figures:
        for database in databases:
            name = f"{figure.name} {database}"
            own = _median(rounds[here], name)
            budget = figure.budgets.get(database, "")
            line = f"{name:<36}{own[0]:>8.0f}{own[1]:>8.0f}{budget:>8}"
            if other:
                theirs = _median(rounds[checkouts[1]], name)
                line += f"{own[0] / theirs[0]:>17.2f}x{own[1] / theirs[1]:>7.2f}x"
            print(line)


def _round_of(checkout: Path, figures: list[Figure], databases: list[str]) -> dict[str, Rates]:
    """Measure in a process of its own, with that checkout's code and this one's benchmark."""
    here = Path(__file__).resolve().parent.parent
    sources = [*checkout.glob("services/*/src"), checkout / "shared" / "src", here]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, sources))}
    options = [option for name in databases for option in ("--database", name)]
    module = [sys.executable, "-m", "benchmarks.flow", "--raw"]
    command = [*module, *options, *(figure.name for figure in figures)]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Rates] = json.loads(done.stdout)
    return found


def _median(rounds: list[dict[str, Rates]], name: str) -> Rates:
    return tuple(
        statistics.median(column) for column in zip(*(r[name] for r in rounds), strict=True)
    )


if __name__ == "__main__":
    main()
