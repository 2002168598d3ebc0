"""Rules: pure functions and values, without I/O."""
