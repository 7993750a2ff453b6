"""The command `fermata`: the one part of the package that prints and that starts flows.

It stands above the flows, so it is the one exception in the import contracts. Results go to
stdout, everything else to stderr.
"""

import sys
from collections.abc import Sequence

_EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and exits with its code."""
    try:
        # Ctrl-C may come before there is anything to interrupt.
        from fermata.cli.main import main as run  # noqa: PLC0415
    except KeyboardInterrupt:
        sys.stderr.write("fermata: interrupted\n")
        sys.exit(_EXIT_INTERRUPTED)
    run(arguments)
