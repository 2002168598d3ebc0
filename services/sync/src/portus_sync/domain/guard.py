"""The guard against mass removal: what a scan misses is rarely all gone."""

ALWAYS_ALLOWED = 10
NEVER_UNASKED = 100
_SHARE_DIVISOR = 5


def must_hold(*, gone: int, known: int) -> bool:
    """Tell whether removing `gone` of `known` tags in one scan needs a person's approval."""
    if gone > NEVER_UNASKED:
        return True
    return gone > ALWAYS_ALLOWED and gone * _SHARE_DIVISOR > known
