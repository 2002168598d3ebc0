import io
from pathlib import Path

import pytest

from portus_standalone.childlog import ChildLog
from portus_standalone.console import Console, open_console
from portus_standalone.loglines import serious


def log_in(directory: Path) -> ChildLog:
    return ChildLog("child", directory, Console(io.StringIO(), colour=False))


def test_a_line_may_come_in_pieces(tmp_path: Path) -> None:
    log = log_in(tmp_path)
    for piece in (b"he", b"llo\nwor", b"ld"):
        log.feed(piece)
    log.close()
    assert log.path.read_text() == "hello\nworld\n"


def test_three_earlier_runs_are_kept(tmp_path: Path) -> None:
    for run in range(6):
        log = log_in(tmp_path)
        log.feed(f"run {run}\n".encode())
        log.close()
    kept = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert kept == {
        "child.log": "run 5\n",
        "child.log.1": "run 4\n",
        "child.log.2": "run 3\n",
        "child.log.3": "run 2\n",
    }


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    log = log_in(tmp_path)
    for _ in range(4):
        log.feed(b"x" * 60_000)
    log.close()
    assert log.path.stat().st_size >= 240_000


def test_a_childs_secrets_are_never_written(tmp_path: Path) -> None:
    said = io.StringIO()
    console = Console(said, colour=False)
    log = ChildLog("child", tmp_path, console, secrets=["hook-secret"])
    log.feed(b'level=error msg="headers=map[Authorization:[Bearer hook-')
    log.feed(b'secret]]"\n')
    log.close()
    assert log.path.read_text() == 'level=error msg="headers=map[Authorization:[Bearer ***]]"\n'
    assert "hook-secret" not in said.getvalue() + "".join(log.recent)


LOGFMT = 'time="2026" level=fatal msg="x"'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            '{"level": "ERROR", "logger": "a.b", "message": "x", "tries": 3}',
            "ERROR a.b: x  tries=3",
        ),
        (
            '{"level": "ERROR", "service": "ui", "message": "x", "exc_info": "Trace\\nBad: y"}',
            "ERROR ui: x  Bad: y",
        ),
        (LOGFMT, LOGFMT),
        ('level=error msg="blob unknown" http.response.status=404', None),
        (f"{LOGFMT} http.response.status=500", f"{LOGFMT} http.response.status=500"),
        ("[2026-01-01 +0000] [12] [ERROR] x", "[2026-01-01 +0000] [12] [ERROR] x"),
        ("panic: no hope", "panic: no hope"),
        ('{"level": "INFO", "message": "level=error"}', None),
        ('time="2026" level=info msg="x"', None),
        ("{not json", None),
        ('["level"]', None),
    ],
)
def test_errors_are_told_from_the_rest_in_every_form(line: str, said: str | None) -> None:
    assert serious(line) == said


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colour_only_on_a_terminal_that_wants_it() -> None:
    plain, colourful, refused = io.StringIO(), Terminal(), Terminal()
    for stream, environ in ((plain, {}), (colourful, {}), (refused, {"NO_COLOR": "1"})):
        console = open_console(stream, environ)
        console.say_for("registry", console.strong("x"))
    assert "\x1b[" in colourful.getvalue()
    assert plain.getvalue() == refused.getvalue() == "registry | x\n"
