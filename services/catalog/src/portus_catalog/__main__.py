"""Run the catalogue's commands as `python -m portus_catalog`."""

from portus_catalog.cli import main

main()
