"""The history of auth's tables; `portus_shared.migrations` runs it."""
