"""The other services as ui sees them: bounded time, one circuit each, errors by kind."""
