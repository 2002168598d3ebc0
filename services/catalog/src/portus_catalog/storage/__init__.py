"""Tables and queries of the catalogue."""
