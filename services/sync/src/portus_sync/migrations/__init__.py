"""The history of sync's tables."""
