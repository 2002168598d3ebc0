"""The REST API of the catalogue: parse, open one transaction, call a use case, render."""
