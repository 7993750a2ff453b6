"""A few engine processes behind one asynchronous call.

PocketSphinx holds the interpreter's lock while it searches, so threads would neither use a
second core nor leave the server free to answer. The processes are started by command line, not by
`multiprocessing`, which would run the caller's main module again in each of them.
"""

import asyncio
import logging
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

from fermata.audio import NotAudioError
from fermata.errors import FermataError
from fermata.localserver.engine.heard import Heard
from fermata.localserver.engine.protocol import Answer, Layout, Task

LONGEST_ANSWER_BYTES = 256 * 2**20
"""Ten hours of speech are about 10 MB of words; this is only a guard."""

_logger = logging.getLogger(__name__)


class EngineError(FermataError):
    """The engine stumbled over a recording; the text says how."""


class EnginePool:
    """Up to `size` engine processes, started when first needed and kept until `close`."""

    def __init__(self, size: int) -> None:
        self._seats = asyncio.Semaphore(size)
        self._idle: list[Process] = []
        self._running: set[Process] = set()

    async def transcribe(self, path: Path, layout: Layout) -> Heard:
        """Transcribes a recording as soon as a process is free.

        Raises:
            NotAudioError: The file can't be decoded as audio.
            EngineError: The engine failed, or its process died.
        """
        async with self._seats:
            process = self._idle.pop() if self._idle else await self._start()
            try:
                answer = await _ask(process, Task(path=str(path), layout=layout))
            except BaseException:
                await self._end(process)
                raise
            self._idle.append(process)
        return _heard(answer)

    async def close(self) -> None:
        """Ends all processes, and returns when they are gone."""
        await asyncio.gather(*(self._end(process) for process in list(self._running)))

    async def _start(self) -> Process:
        """Starts one process, deaf to the Ctrl-C that is meant for its server."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "fermata.localserver.engine.worker",
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            limit=LONGEST_ANSWER_BYTES,
            start_new_session=True,
        )
        self._running.add(process)
        _logger.debug("engine process %d started", process.pid)
        return process

    async def _end(self, process: Process) -> None:
        """Kills one process and collects it."""
        self._running.discard(process)
        if process in self._idle:
            self._idle.remove(process)
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _ask(process: Process, task: Task) -> Answer:
    """Hands one task to a process and waits for its answer."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(task.model_dump_json().encode() + b"\n")
        await process.stdin.drain()
        line = await process.stdout.readline()
    except ConnectionError as error:
        raise EngineError(f"engine process {process.pid} went away ({error})") from error
    if not line:
        raise EngineError(f"engine process {process.pid} ended amid its task")
    return Answer.model_validate_json(line)


def _heard(answer: Answer) -> Heard:
    """What was heard, or the error that the answer stands for."""
    if answer.outcome == "not_audio":
        raise NotAudioError(answer.text)
    if answer.heard is None:
        raise EngineError(answer.text)
    return answer.heard
