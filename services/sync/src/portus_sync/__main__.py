"""Run sync's command line by `python -m portus_sync`."""

from portus_sync.cli import main

main()
