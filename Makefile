# Nothing lives here: the same commands with fewer letters.
.PHONY: up test check format

up:
	./portus up

test:
	./portus test

# Everything but the tests.
check:
	./portus test --only ruff
	./portus test --only format
	./portus test --only types
	./portus test --only imports

format:
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
