"""The command `fermata`: the one part of the package that prints and that starts flows.

It stands above the flows, so it is the one exception in the import contracts. Results go to
stdout, everything else to stderr.
"""

import os
import sys
from collections.abc import Sequence

_EXIT_USAGE = 2
_EXIT_INTERRUPTED = 130
_STDERR = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and exits with its code."""
    _give_closed_streams_a_place()
    _check_system()
    try:
        # Ctrl-C may come before there is anything to interrupt.
        from fermata.cli.main import main as run  # noqa: PLC0415
    except KeyboardInterrupt:
        sys.stderr.write("fermata: interrupted\n")
        sys.exit(_EXIT_INTERRUPTED)
    run(arguments)


def _check_system() -> None:
    """Locks, signals and process groups are those of Unix; without them nothing is kept safe."""
    try:
        import fcntl  # noqa: F401, PLC0415 - only whether it is there
    except ImportError:
        sys.stderr.write(f"fermata: Fermata runs on Linux and macOS, not on {sys.platform}\n")
        sys.exit(_EXIT_USAGE)


def _give_closed_streams_a_place() -> None:
    """Opens what was closed (`>&-`): the next file would take its number, and be written into.

    A closed standard output is wrong use; where errors are closed, there is nobody to tell.
    """
    # As it was when Python started: a file that is opened takes the lowest number that is free.
    is_unwritable = sys.stdout is None
    while (number := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        os.set_inheritable(number, True)  # noqa: FBT003 - the name says it
    os.close(number)
    if sys.stderr is None:
        sys.stderr = os.fdopen(_STDERR, "w", encoding="utf-8", closefd=False)
    if is_unwritable:
        sys.stderr.write("fermata: standard output is closed: give it a place, as >/dev/null\n")
        sys.exit(_EXIT_USAGE)
