"""How long to wait before trying again."""

from datetime import timedelta


def delay(attempts: int, *, first_s: float, longest_s: float) -> timedelta:
    """Return the pause after the given number of failed attempts; it doubles up to `longest_s`."""
    doubled: float = first_s * 2 ** min(max(attempts - 1, 0), 30)
    return timedelta(seconds=min(doubled, longest_s))
