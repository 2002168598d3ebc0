"""The failure of one way to get the registry; the next way is tried."""


class NotObtained(Exception):
    """Say in a few words why this way did not work here."""
