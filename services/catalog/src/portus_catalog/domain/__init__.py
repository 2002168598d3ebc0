"""Rules of the catalogue, pure: who may see what, and how facts from the registry merge."""
