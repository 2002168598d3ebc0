"""Other people's servers: what auth asks of a registry."""
