"""Captions on real pseudo-terminals, seen through a terminal emulator."""

import fcntl
import json
import os
import pty
import select
import socket
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pyte

ROOT = Path(__file__).parents[2]
_BOUND_S = 120.0
_READ_BYTES = 65_536


class CaptionShower:
    """Runs `caption_script.py`, which shows captions on terminals; a context manager."""

    def __init__(self) -> None:
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._requests.settimeout(_BOUND_S)
        script = str(Path(__file__).with_name("caption_script.py"))
        self._process = subprocess.Popen(
            [sys.executable, script, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env=_environment(),
        )
        theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._requests.close()
        self._process.wait(_BOUND_S)

    def show(self, channels: tuple[str, ...], term: str, terminal: int, steps: int) -> None:
        """Shows captions on a terminal until the pipe of steps ends."""
        message = json.dumps({"channels": channels, "term": term}).encode()
        socket.send_fds(self._requests, [message], [terminal, steps])

    def exit_code(self) -> int:
        """Waits for the end of what is shown."""
        return int(self._requests.recv(_READ_BYTES))


class CaptionTerminal:
    """Captions on a terminal of the given size; a context manager."""

    def __init__(
        self,
        shower: CaptionShower,
        *channels: str,
        columns: int = 80,
        lines: int = 24,
        term: str = "xterm",
    ) -> None:
        self.screen = pyte.HistoryScreen(columns, lines, history=1000)
        self._stream = pyte.ByteStream(self.screen)
        self._shower = shower
        self._master, terminal = pty.openpty()
        self._set_size(columns, lines)
        steps, self._steps = os.pipe()
        shower.show(channels, term, terminal, steps)
        os.close(terminal)
        os.close(steps)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._steps >= 0:
            self.close()
        os.close(self._master)

    def happen(self, what: str, **given: Any) -> None:
        """Makes something happen in the session."""
        os.write(self._steps, json.dumps([what, given]).encode() + b"\n")

    def resize(self, columns: int, lines: int) -> None:
        """Changes the terminal's size, as a person does with the mouse."""
        assert self.screen.cursor.y < lines, "as in a terminal, empty lines below go first"
        self.screen.resize(columns=columns)
        self.screen.lines = lines
        self._set_size(columns, lines)

    def until(self, condition: Callable[[list[str]], bool]) -> list[str]:
        """Waits until what is on the screen fulfils a condition, and returns that."""
        deadline_s = time.monotonic() + _BOUND_S
        while not condition(self.seen()):
            left_s = deadline_s - time.monotonic()
            assert left_s > 0, "\n".join(["not seen in time, but:", *self.seen()])
            assert self._read(left_s), "\n".join(["ended with:", *self.seen()])
        return self.seen()

    def close(self) -> int:
        """Lets the session end, reads what still comes, and returns the exit code."""
        os.close(self._steps)
        self._steps = -1
        while self._read(_BOUND_S):
            pass
        return self._shower.exit_code()

    def seen(self) -> list[str]:
        """All lines on the screen without the empty ones below."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip().split("\n")

    def scrolled(self) -> list[str]:
        """The lines that have left the screen at its top, and then those on it."""
        columns = range(self.screen.columns)
        gone = self.screen.history.top
        lines = ("".join(line[column].data for column in columns) for line in gone)
        return [*(line.rstrip() for line in lines), *self.seen()]

    def colour(self, text: str) -> str:
        """The colour of the first place on the screen where a text stands."""
        for number, line in enumerate(self.screen.display):
            if (column := line.find(text)) >= 0:
                return str(self.screen.buffer[number][column].fg)
        raise AssertionError(f"{text!r} is not on the screen")

    def _read(self, timeout_s: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], timeout_s)
        if not ready:
            return False
        try:
            data = os.read(self._master, _READ_BYTES)
        except OSError:
            # What a terminal says when the last program on it has gone.
            return False
        self._stream.feed(data)
        return bool(data)

    def _set_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
