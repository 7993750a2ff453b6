"""The command `fermata`: the one part of the package that prints and that starts flows.

It stands above the flows, so it is the one exception in the import contracts. Results go to
stdout, everything else to stderr.
"""

from fermata.cli.main import main

__all__ = ["main"]
