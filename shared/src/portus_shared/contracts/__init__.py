"""The events that cross the queue, one frozen dataclass each, grouped by publisher.

Only optional fields may be added to an event within its major version; consumers ignore fields
they do not know. Committed snapshots hold both (``tests/contracts``).
"""
