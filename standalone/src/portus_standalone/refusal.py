"""The one kind of failure that ends `./portus` with a sentence instead of a traceback."""

from __future__ import annotations

import click


class Refusal(click.ClickException):
    """Say why Portus does not start, and what a person can do about it."""

    def show(self, file: object = None) -> None:
        """Print the sentence on standard error, whatever `file` is."""
        del file
        click.echo(f"portus: {self.message}", err=True)
