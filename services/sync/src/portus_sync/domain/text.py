"""Foreign text made storable: databases refuse what JSON allows."""


def storable(value: object, limit: int) -> str:
    """Return `value` as text of at most `limit` characters, "" when it is no string.

    NUL characters (refused by PostgreSQL) and lone surrogates (not encodable) stay visible
    as escapes.
    """
    if not isinstance(value, str):
        return ""
    escaped = value.encode("utf-8", "backslashreplace").decode("utf-8")
    return escaped.replace("\x00", "\\u0000")[:limit]
