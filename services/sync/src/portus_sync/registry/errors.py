"""What can go wrong with a registry; a 404 is an answer, not an error."""


class RegistryError(Exception):
    """Say that a registry gave no usable answer; nothing may be concluded from it."""


class Refused(RegistryError):
    """Say that the registry or its realm did not let sync in."""


class TooLarge(RegistryError):
    """Say that a body is larger than sync reads."""


class Undeletable(RegistryError):
    """Say that this registry will not delete, however often it is asked."""
