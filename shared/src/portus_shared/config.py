"""Settings: read once from the environment into frozen dataclasses, all faults reported at once.

Every setting is ``PORTUS_<NAME>``; ``PORTUS_<NAME>_FILE`` names a file that holds the value, as
container secrets do. A mapping is read, not ``os.environ``, because standalone composes four
services with different settings in one process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

PREFIX: Final = "PORTUS_"
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off"})


class InvalidSettings(Exception):
    """List every fault of the settings, one sentence each."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(faults))


class Secret:
    """Hold a value that must not reach logs: printing shows ``***``."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value itself."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__


class Reader:
    """Read settings by name and collect faults until `finish`.

    A setting without a default is required. After a fault the reader goes on with a harmless
    value, so that `finish` can report everything at once.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._faults: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        """Read a string; an empty value counts as unset."""
        value = self._raw(name)
        if value:
            return value
        if default is None:
            self._fault(name, "is required")
            return ""
        return default

    def secret(self, name: str, default: str | None = None) -> Secret:
        """Read a string that must never be printed."""
        return Secret(self.text(name, default))

    def integer(self, name: str, default: int, *, minimum: int = 0, maximum: int = 2**31) -> int:
        """Read a whole number within bounds."""
        value = self._raw(name)
        if not value:
            return default
        try:
            number = int(value)
        except ValueError:
            self._fault(name, "must be a whole number")
            return default
        if not minimum <= number <= maximum:
            self._fault(name, f"must be between {minimum} and {maximum}")
            return default
        return number

    def boolean(self, name: str, *, default: bool) -> bool:
        """Read true/false, yes/no, on/off or 1/0."""
        value = self._raw(name).lower()
        if value in _TRUE:
            return True
        if value and value not in _FALSE:
            self._fault(name, "must be true or false")
        return default if not value else False

    def choice(self, name: str, choices: Sequence[str], default: str) -> str:
        """Read one of `choices`."""
        value = self._raw(name) or default
        if value not in choices:
            self._fault(name, f"must be one of {', '.join(choices)}")
            return default
        return value

    def url(self, name: str, default: str | None = None) -> str:
        """Read an absolute http or https URL; a trailing slash is cut."""
        value = self.text(name, default)
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.netloc):
            self._fault(name, "must be an absolute http:// or https:// URL")
        return value.rstrip("/")

    def path(self, name: str, default: str | None = None) -> Path:
        """Read a file system path."""
        return Path(self.text(name, default))

    def words(self, name: str, default: Sequence[str] = ()) -> tuple[str, ...]:
        """Read a list separated by commas or white space."""
        value = self._raw(name)
        return tuple(value.replace(",", " ").split()) if value else tuple(default)

    def reject(self, name: str, sentence: str) -> None:
        """Note a fault that a service finds by itself, as of two settings that do not agree."""
        self._fault(name, sentence)

    def finish(self) -> None:
        """Raise `InvalidSettings` when anything read so far was at fault."""
        if self._faults:
            raise InvalidSettings(self._faults)

    def _raw(self, name: str) -> str:
        key = PREFIX + name
        file = self._environ.get(f"{key}_FILE", "")
        if not file:
            return self._environ.get(key, "").strip()
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            self._fault(f"{name}_FILE", f"cannot be read: {error}")
            return ""

    def _fault(self, name: str, sentence: str) -> None:
        self._faults.append(f"{PREFIX}{name} {sentence}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """What every service needs to run; `listen` is ``host:port`` of its own HTTP server."""

    database_url: str
    bus_url: str
    public_url: str
    auth_url: str
    ca_cert_file: Path
    service_secret: Secret
    listen: str
    bell_dir: Path | None
    log_level: str


def read_service(reader: Reader) -> ServiceSettings:
    """Read the settings that all services share; faults stay with the reader until `finish`."""
    bell_dir = reader.text("BELL_DIR", "")
    return ServiceSettings(
        database_url=reader.text("DATABASE_URL"),
        bus_url=reader.text("BUS_URL"),
        public_url=reader.url("PUBLIC_URL"),
        auth_url=reader.url("AUTH_URL", "http://auth:8080"),
        ca_cert_file=reader.path("CA_CERT_FILE"),
        service_secret=reader.secret("SERVICE_SECRET", ""),
        listen=reader.text("LISTEN", "0.0.0.0:8080"),
        bell_dir=Path(bell_dir) if bell_dir else None,
        log_level=reader.choice("LOG_LEVEL", ("debug", "info", "warning", "error"), "info"),
    )
