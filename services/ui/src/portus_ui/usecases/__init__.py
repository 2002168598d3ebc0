"""What ui does for a view: keep sessions, trade them for tokens, gather a page."""
