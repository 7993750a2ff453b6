"""One engine process: reads tasks from standard input, writes answers to standard output.

It lives and dies with its server: when standard input ends, it stops at once, even amid a task.
"""

import os
import sys
import threading
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO

from fermata.audio import NotAudioError
from fermata.localserver.engine.protocol import Answer, Layout, Task
from fermata.localserver.engine.transcribe import Engine


def main() -> None:
    """Answers tasks until the server goes away."""
    answers = _private_stdout()
    tasks: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_read_tasks, args=(sys.stdin.buffer, tasks), daemon=True).start()
    engine = Engine()
    while True:
        answer = _answer(engine, Task.model_validate_json(tasks.get()))
        answers.write(answer.model_dump_json().encode() + b"\n")
        answers.flush()


def _private_stdout() -> BinaryIO:
    """Takes standard output for the answers alone, out of reach of native libraries."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def _read_tasks(stdin: BinaryIO, tasks: SimpleQueue[bytes]) -> None:
    """Queues the lines of `stdin` and ends the process with them."""
    for line in stdin:
        tasks.put(line)
    os._exit(0)


def _answer(engine: Engine, task: Task) -> Answer:
    """Transcribes one recording; whatever goes wrong is an answer too."""
    transcribe = {
        Layout.CHANNELS: engine.transcribe_channels,
        Layout.MIXED: engine.transcribe_mixed,
    }[task.layout]
    try:
        return Answer(outcome="heard", heard=transcribe(Path(task.path)))
    except NotAudioError as error:
        return Answer(outcome="not_audio", text=str(error))
    except Exception as error:  # noqa: BLE001 - a recording that trips the engine must not end it
        return Answer(outcome="failed", text=f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
