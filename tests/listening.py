"""One speech engine a test process, for the tests in which its processes are not the point."""

from functools import cache
from pathlib import Path

from fermata.localserver.engine.heard import Heard
from fermata.localserver.engine.transcribe import Engine


@cache
def listen_to(path: Path) -> Heard:
    """What is said on each channel of a recording, recognised once."""
    return _engine().transcribe_channels(path)


@cache
def _engine() -> Engine:
    return Engine()
