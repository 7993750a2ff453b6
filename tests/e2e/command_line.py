"""Runs the command `fermata` as a process of its own, in a folder that is not the project's."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fermata.localserver import LocalServer

KEY = "dummy-key-of-the-tests-0123456789"
TIMEOUT_S = 90

# The command itself, but for the `.env` of the person who runs the tests.
_COMMAND = (
    "from config.settings import Settings; Settings.model_config['env_file'] = None; "
    "from fermata.cli import main; main()"
)


@dataclass(frozen=True)
class Ended:
    """A command that ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on stdout."""
        return dict(json.loads(self.stdout))

    @property
    def complaints(self) -> list[str]:
        """The lines on stderr by which the command explains itself."""
        return [line for line in self.stderr.splitlines() if line.startswith("fermata: ")]


class Running:
    """A command that runs, in a process group of its own as in a terminal."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def wait(self) -> Ended:
        stdout, stderr = self._process.communicate(timeout=TIMEOUT_S)
        return Ended(self._process.returncode, stdout, stderr)

    def wait_at_most(self, seconds: float) -> bool:
        """Waits for its end; says whether it came."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def read_until(self, text: str) -> str:
        """Reads stderr line by line until one holds `text`."""
        assert self._process.stderr is not None
        seen = ""
        for line in self._process.stderr:
            seen += line
            if text in line:
                return seen
        raise AssertionError(f"it ended without {text!r}: {seen}")

    def interrupt(self) -> None:
        """What Ctrl-C does: SIGINT to the whole group."""
        os.killpg(self._process.pid, signal.SIGINT)

    def kill(self) -> None:
        """Kills the whole group on the spot, and forgets what it wrote."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate(timeout=TIMEOUT_S)


class CommandLine:
    """Starts commands with settings of their own."""

    def __init__(self, folder: Path, **variables: object) -> None:
        self.folder = folder
        self.data_dir = folder / "data"
        self._variables: dict[str, str] = {"FERMATA_DATA_DIR": str(self.data_dir)}
        self.set(**variables)

    def set(self, **variables: object) -> None:
        self._variables |= {name: str(value) for name, value in variables.items()}

    def use(self, server: LocalServer, key: str = KEY) -> None:
        """Makes this server the real service."""
        self.set(
            ASSEMBLYAI_API_KEY=key,
            FERMATA_ASSEMBLYAI_BASE_URL=server.url,
            FERMATA_POLL_INTERVAL_S=0.1,
        )

    def start(self, *arguments: object) -> Running:
        self.folder.mkdir(parents=True, exist_ok=True)
        process = subprocess.Popen(
            [sys.executable, "-c", _COMMAND, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | self._variables,
            cwd=self.folder,
            start_new_session=True,
        )
        return Running(process)

    def run(self, *arguments: object) -> Ended:
        return self.start(*arguments).wait()
