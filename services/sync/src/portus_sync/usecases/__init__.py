"""What sync can do, inside the caller's transaction."""
