"""The vendors' specifications, which lie beside the project's checkout at its authors.

The tests' own servers hold what they say against these where they are there. Where they are
not, that is skipped, with its reason, by a test of its own for each of those servers.
"""

from pathlib import Path

import pytest

SPECIFICATIONS = Path(__file__).parents[2] / "shared" / "specs"


def specification(path: str) -> Path:
    """A specification by its path below `../shared/specs`; skips the test where it is absent."""
    found = SPECIFICATIONS / path
    if not found.exists():
        pytest.skip("the vendors' specifications are not beside this checkout")
    return found
