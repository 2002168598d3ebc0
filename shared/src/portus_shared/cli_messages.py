"""The commands about messages: what waits for the bus, and what could not be handled."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Never

import click

from portus_shared import outbox
from portus_shared.bus import parked
from portus_shared.db import Database

OpenDatabase = Callable[[], Database]


def outbox_commands(database: OpenDatabase) -> click.Group:
    """Return the group ``outbox``."""

    def status() -> None:
        """Say how many events wait for the bus, and since when."""
        with database() as opened, opened.read() as session:
            count, oldest = outbox.pending(session)
        since = f", the oldest since {oldest:%Y-%m-%d %H:%M:%S} UTC" if oldest else ""
        click.echo(f"{count} waiting{since}")

    group = click.Group("outbox", help="Events on their way to the bus.")
    group.add_command(click.command("status")(status))
    return group


def dead_commands(database: OpenDatabase) -> click.Group:
    """Return the group ``dead``."""
    group = click.Group("dead", help="Messages that could not be handled.")
    group.add_command(_list(database))
    group.add_command(_show(database))
    group.add_command(_change("replay", "Give one dead message five new attempts.", database))
    group.add_command(_change("drop", "Throw one dead message away for good.", database))
    return group


def _list(database: OpenDatabase) -> click.Command:
    def listed() -> None:
        """List the dead messages, newest first."""
        with database() as opened, opened.read() as session:
            found = parked.dead(session)
        for one in found:
            when = f"{one.failed_at:%Y-%m-%d %H:%M:%S}"
            reason = one.reason.partition("\n")[0][:80]
            click.echo(f"{one.message.id}  {when}  {one.message.key}  {reason}")

    return click.command("list")(listed)


def _show(database: OpenDatabase) -> click.Command:
    @click.argument("message_id")
    def show(message_id: str) -> None:
        """Print one dead message whole."""
        with database() as opened, opened.read() as session:
            found = parked.find_dead(session, message_id)
        if found is None:
            _no_such(message_id)
        click.echo(f"{found.message.key} from {found.message.source}, {found.attempts} attempts")
        click.echo(f"{found.reason}\n{found.message.body.decode()}")

    return click.command("show")(show)


def _change(name: str, summary: str, database: OpenDatabase) -> click.Command:
    action = {"replay": parked.replay, "drop": parked.drop}[name]

    @click.argument("message_id")
    def change(message_id: str) -> None:
        with database() as opened, opened.write() as session:
            if not action(session, message_id):
                _no_such(message_id)

    return click.command(name, help=summary)(change)


def _no_such(message_id: str) -> Never:
    click.echo(f"no dead message has the id {message_id}", err=True)
    sys.exit(1)
