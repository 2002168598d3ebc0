"""What must be told again when events take another way than at the last run.

Events that a broker has taken and not yet delivered stay with it. Among them may be a right that
was withdrawn, so auth tells its whole state again on the new way; sync scans at every start.
"""

from __future__ import annotations

from portus_standalone.child import Child
from portus_standalone.distributed.services import last_settings, process_environ, program
from portus_standalone.options import Options
from portus_standalone.state import State

_PRIVATE = "private"


def last_options(state: State) -> Options | None:
    """Return how Portus was run last, None before the first time."""
    return Options.from_json(state.options.read_text()) if state.options.exists() else None


def told_again(options: Options, state: State) -> list[list[Child]]:
    """Return the errands for a run that leaves the broker of the last one, else none."""
    before = last_options(state)
    if before is None or _broker(before) in {None, _broker(options)}:
        return []
    environ = process_environ(last_settings(options, state)["auth"])
    commands = {"auth-migrate-first": ["migrate"], "auth-republish": ["republish"]}
    return [
        [Child(name=name, argv=[program("auth"), *command], env=environ, ready=None)]
        for name, command in commands.items()
    ]


def _broker(options: Options) -> str | None:
    return options.bus or (_PRIVATE if options.distributed else None)
