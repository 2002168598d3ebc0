"""The catalogue: what is in the registry, for those who may see it."""
