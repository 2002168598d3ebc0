"""HTTP edges: parse, open one transaction, call a use case, render."""
