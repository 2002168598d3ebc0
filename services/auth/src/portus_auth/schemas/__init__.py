"""The shapes of auth's REST API: what it reads and what it answers (the original's v1)."""
