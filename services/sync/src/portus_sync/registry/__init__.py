"""The registry's HTTP API, as much of it as sync needs."""
