"""What tests of whole recommendations share."""

from collections.abc import Iterator

import pytest

from fermata.thresholds import bootstrap


@pytest.fixture(scope="module")
def fewer_samples() -> Iterator[None]:
    """A bootstrap of 250 samples, for tests that do not ask how well it covers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "SAMPLES", 250)
        yield
