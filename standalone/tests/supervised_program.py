"""A program for the supervisor's tests: supervises the children described on its command line."""

import json
import sys
from pathlib import Path

from portus_standalone.console import Console
from portus_standalone.supervisor import Child, StartFailed, Supervisor


def main() -> None:
    description = json.loads(sys.argv[1])
    stages: dict[int, list[Child]] = {}
    for each in description["children"]:
        child = Child(
            name=each["name"],
            argv=["/bin/sh", "-c", each["script"]],
            env={"PATH": "/usr/bin:/bin"},
            ready=None if each["is_errand"] else Path(each["ready_file"]).exists,
            grace_s=each["grace_s"],
            start_timeout_s=each["start_timeout_s"],
        )
        stages.setdefault(each["stage"], []).append(child)
    console = Console(sys.stdout, colour=False)
    try:
        Supervisor(list(stages.values()), console, Path(description["log_dir"])).run(
            lambda: console.say("all ready")
        )
    except StartFailed as error:
        sys.exit(f"start failed: {error} {list(error.recent)}")
    console.say("all stopped")


main()
