"""Run the command line: ``python -m portus_standalone``."""

from portus_standalone.cli import main

main(prog_name="./portus")
