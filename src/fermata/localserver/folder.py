"""A temporary folder that goes with this process, however that ends."""

import shutil
import subprocess
import tempfile
from pathlib import Path

# It ends with its input, which is open as long as whoever started it lives.
_REMOVE_AFTERWARDS = 'read _; [ ! -e "$1" ] || exec rm -rf -- "$1"'


class PassingFolder:
    """A folder for recordings of callers: it must not outlive a server that was killed.

    A shell waits beside it for that; whoever ends in good order removes it himself.

    Attributes:
        path: where it is; nobody else may enter it.
    """

    def __init__(self, prefix: str) -> None:
        """Makes it.

        Args:
            prefix: how its name begins.
        """
        self.path = Path(tempfile.mkdtemp(prefix=prefix))
        self._remover = subprocess.Popen(  # noqa: S603 - fixed but for the path, an argument
            ["/bin/sh", "-c", _REMOVE_AFTERWARDS, "sh", str(self.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # A session of its own: what is sent to this process and all its like spares it.
            start_new_session=True,
        )

    def remove(self) -> None:
        """Removes it with all that is in it; a second call does nothing."""
        shutil.rmtree(self.path, ignore_errors=True)
        assert self._remover.stdin is not None
        self._remover.stdin.close()
        self._remover.wait()
