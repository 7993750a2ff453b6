"""Fermata learns turn-detection settings from recordings and streams with them.

This package is the library: it knows nothing of Prefect, reads no environment and
prints nothing (`fermata.cli`, the command, is the one exception). Tasks and flows
stand above it, see `docs/decisions.md`.
"""

__version__ = "0.1.0"
