"""Runs the command `fermata` as a process of its own, in a folder that is not the project's.

Each process is forked from one that has imported the large packages already: Python needs
seconds for them, and what the tests are about comes after. `tests/e2e/test_command_line.py`
starts the installed command as well.
"""

import json
import multiprocessing
import os
import signal
import sys
import time
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from fermata.localserver import LocalServer

KEY = "dummy-key-of-the-tests-0123456789"
TIMEOUT_S = 200
LOOK_EVERY_S = 0.02

# Nothing of ours but the library: the tasks read settings as they are imported.
_PRELOADED = [
    "prefect.artifacts",
    "prefect.concurrency.sync",
    "prefect.deployments",
    "prefect.flow_engine",
    "prefect.main",
    "prefect.task_engine",
    "fermata.assemblyai.client",
    "fermata.calibration.publishing",
    "fermata.cli",
    "fermata.ledger.ledger",
    "fermata.report.page.render",
    "fermata.runs.pages",
    "fermata.runs.worklist",
]

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(_PRELOADED)


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

    def __init__(self, process: ForkServerProcess, stdout: Path, stderr: Path) -> None:
        self._process = process
        self._stdout = stdout
        self._stderr = stderr

    @property
    def ended(self) -> bool:
        return not self._process.is_alive()

    @property
    def exit_code(self) -> int | None:
        return self._process.exitcode

    @property
    def stderr(self) -> str:
        return self._stderr.read_text() if self._stderr.exists() else ""

    def wait(self) -> Ended:
        """Waits for its end."""
        assert self.wait_at_most(TIMEOUT_S), f"it does not end: {self.stderr}"
        code = self._process.exitcode
        assert code is not None
        return Ended(code, self._stdout.read_text(), self.stderr)

    def wait_at_most(self, seconds: float) -> bool:
        """Waits for its end; says whether it came."""
        self._process.join(seconds)
        return self.ended

    def read_until(self, text: str) -> str:
        """What it wrote to stderr, once that holds `text`."""
        deadline_s = time.monotonic() + TIMEOUT_S
        while text not in self.stderr:
            assert not self.ended, f"it ended without {text!r}: {self.stderr}"
            assert time.monotonic() < deadline_s, f"it never wrote {text!r}: {self.stderr}"
            time.sleep(LOOK_EVERY_S)
        return self.stderr

    def interrupt(self) -> None:
        """What Ctrl-C does: SIGINT to the whole group."""
        self.send(signal.SIGINT)

    def send(self, number: signal.Signals) -> None:
        """Sends a signal to the whole group, as a terminal does."""
        assert self._process.pid is not None
        os.killpg(self._process.pid, number)

    def kill(self) -> None:
        """Kills the whole group on the spot."""
        try:
            self.send(signal.SIGKILL)
        except ProcessLookupError:
            # It has not come to make its group yet, and has started nothing.
            self._process.kill()
        self._process.join()


class CommandLine:
    """Starts commands with settings of their own."""

    def __init__(self, folder: Path, **variables: object) -> None:
        self.folder = folder
        self.data_dir = folder / "data"
        self._variables = {"FERMATA_DATA_DIR": str(self.data_dir)}
        self._started = 0
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

    def start(
        self, *arguments: object, ignoring: tuple[signal.Signals, ...] = (), piped: bool = False
    ) -> Running:
        """Starts a command.

        Args:
            arguments: of the command line.
            ignoring: signals that it inherits as ignored.
            piped: makes `out-<number>.txt` a pipe, which somebody must open to read.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._started += 1
        stdout, stderr = (
            self.folder.with_name(f"{stream}-{self._started}.txt") for stream in ("out", "err")
        )
        if piped:
            os.mkfifo(stdout)
        texts = [str(argument) for argument in arguments]
        process = _processes.Process(
            target=_run, args=(texts, self._variables, self.folder, stdout, stderr, ignoring)
        )
        process.start()
        return Running(process, stdout, stderr)

    def run(self, *arguments: object) -> Ended:
        return self.start(*arguments).wait()


def _run(  # noqa: PLR0917 - given as a tuple
    arguments: list[str],
    variables: dict[str, str],
    folder: Path,
    stdout: Path,
    stderr: Path,
    ignoring: tuple[signal.Signals, ...],
) -> None:
    """What the new process does: become a command in a terminal of its own, and run."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Ignored where the tests were started by `nohup`.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    for number in ignoring:
        signal.signal(number, signal.SIG_IGN)
    os.chdir(folder)
    os.environ.update(variables)
    for stream, path in ((sys.stdout, stdout), (sys.stderr, stderr)):
        with path.open("wb") as file:
            os.dup2(file.fileno(), stream.fileno())
    from config.settings import Settings
    from fermata.cli import main

    # Neither the `.env` of the person who runs the tests.
    Settings.model_config["env_file"] = None
    main(arguments)
