"""What auth can do: plain functions on a session, which never commit."""
