"""The command line behind `./portus`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import click
from click.core import ParameterSource

from portus_shared.keys import CertificateAuthority
from portus_standalone.addresses import Address
from portus_standalone.bus_change import last_options
from portus_standalone.console import open_console
from portus_standalone.distributed.ports import SERVERS
from portus_standalone.distributed.services import last_settings, process_environ, program
from portus_standalone.options import Options
from portus_standalone.refusal import Refusal
from portus_standalone.registry_config import instructions
from portus_standalone.state import State
from portus_standalone.up import attachment, up

_CHECKOUT: Final = Path(__file__).resolve().parents[3]


class _AddressType(click.ParamType[Address]):
    """``HOST:PORT``."""

    name = "host:port"

    def convert(self, value: Any, param: Any, ctx: Any) -> Address:
        """Parse, or fail with a sentence."""
        try:
            return Address.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class _UrlType(click.ParamType[str]):
    """A URL with one of a few schemes and a host."""

    name = "url"

    def __init__(self, *schemes: str) -> None:
        self._schemes = schemes

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """Check, or fail with a sentence."""
        parts = urlsplit(value)
        if parts.scheme not in self._schemes or not parts.netloc:
            self.fail(f"{value!r} is not a URL like {self._schemes[0]}://host:port", param, ctx)
        return str(value).rstrip("/")


def _data(command: Callable[..., None]) -> Callable[..., None]:
    """Add the option that every command has."""
    return click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        default=_CHECKOUT / "var",
        help="Where everything is kept.  [default: var, beside the script]",
    )(command)


def _common(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that `up` and `registry-config` share."""
    for option in reversed(
        (
            _data,
            click.option(
                "--listen",
                type=_AddressType(),
                default="127.0.0.1:8080",
                show_default=True,
                help="Where browsers and API clients reach Portus.",
            ),
            click.option(
                "--registry-listen",
                type=_AddressType(),
                default="127.0.0.1:5080",
                show_default=True,
                help="Where the private registry answers.",
            ),
            click.option(
                "--registry",
                "registry_url",
                type=_UrlType("http", "https"),
                help="Attach this registry instead of running a private one.",
            ),
            click.option(
                "--public-host",
                metavar="NAME",
                help="The name other machines know this one by.  [default: the host listened on]",
            ),
        )
    ):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Portus: authorization, catalogue and web pages for a Docker registry."""


@main.command("up")
@_common
@click.option(
    "--registry-binary",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The registry program to run.  [default: found on PATH, else fetched]",
)
@click.option(
    "--bus",
    type=_UrlType("amqp", "amqps"),
    help="A RabbitMQ to carry events.  [default: none needed; with --distributed a private one]",
)
@click.option(
    "--database",
    type=_UrlType("postgresql"),
    help="A PostgreSQL database, a schema for each service.  [default: SQLite files]",
)
@click.option(
    "--distributed",
    is_flag=True,
    help="Run every service as processes of its own, over RabbitMQ, as in production.",
)
@click.option(
    "--front",
    type=click.Choice(["nginx", "dispatcher"]),
    help="What stands before the services of --distributed.  [default: nginx where installed]",
)
def run(**given: Any) -> None:
    """Run Portus and a private registry on this machine until Ctrl-C."""
    options = Options(**given)
    if options.front and not options.distributed:
        raise click.UsageError("--front needs --distributed: one process needs nothing before it.")
    up(options, open_console())


@main.command("registry-config")
@_common
@click.option(
    "--version",
    "major",
    type=click.Choice(["2", "3"]),
    default="3",
    show_default=True,
    help="The registry's major version.",
)
@click.pass_context
def registry_config(context: click.Context, /, major: str, **given: Any) -> None:
    """Print what an existing registry needs in its configuration to use this Portus.

    Addresses that are not given are those of the last `up`.
    """
    state = State(given["data"])
    options = _as_last_time(context, given, last_options(state))
    state.make_directory()
    CertificateAuthority.load_or_create(state.ca_cert, state.ca_key)
    click.echo(instructions(attachment(options, state, state.secrets()), int(major)))


def _as_last_time(context: click.Context, given: dict[str, Any], last: Options | None) -> Options:
    """Return the options that a person gave, and of the last run what nobody gave."""
    if last is not None:
        for name in given.keys() - {"data"}:
            if context.get_parameter_source(name) is ParameterSource.DEFAULT:
                given[name] = getattr(last, name)
    return Options(**given)


@main.command(
    "service", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}
)
@_data
@click.argument("name", type=click.Choice(SERVERS))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def service(data: Path, name: str, arguments: tuple[str, ...]) -> None:
    """Run a command of one service, with the settings of the last `up`.

    For instance: ./portus service catalog dead list. What there is: ./portus service auth --help
    """
    os.umask(0o077)
    state = State(data)
    options = last_options(state)
    if options is None:
        raise Refusal(f"{state.directory} was never used: start Portus first, with ./portus up")
    settings = last_settings(options, state)[name]
    path = program(name)
    os.execve(path, [path, *arguments], process_environ(settings))  # noqa: S606
