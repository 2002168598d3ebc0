"""Tables, queries and keyed hashes: what auth remembers."""
