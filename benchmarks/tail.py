"""What follows the service's last answer: seconds until a calibration's end, part by part.

Runs the flow `calibrate` over recordings that a local server transcribes, against a Prefect
server of its own, and prints how long the run goes on after the last transcript has settled,
on the clock and of this process's processor time, and when each task of that tail begins.

    python -m benchmarks.tail [--recordings 500] [--processing-s 3]
"""

import argparse
import atexit
import bisect
import os
import random
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Self

from benchmarks.nightly import settle_in
from config.prefect_client import connect
from config.prefect_server import stop_local_server
from config.wiring import ledger
from fermata.localserver import LocalServer, LocalServerConfig
from tests.flows.conversations import Conversations

UTTERANCES = 60
WORDS = 12
"""A call of about five minutes."""

_TASKS_SHOWN = 30


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recordings", type=int, default=500)
    parser.add_argument("--processing-s", type=float, default=3.0)
    options = parser.parse_args()
    place = Path(mkdtemp(prefix="fermata-tail-"))
    os.environ |= {
        "PREFECT_HOME": str(place / "prefect"),
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "ASSEMBLYAI_API_KEY": "opens-nothing-0123456789",
        "FERMATA_POLL_INTERVAL_S": "0.5",
    }
    # Registered before Prefect is imported, so it runs after Prefect has sent its last logs.
    atexit.register(_clean_up, place)
    connect(0, lambda: None)
    conversations = Conversations(place / "calls")
    for number in range(options.recordings):
        transcript = {"utterances": list(_talk(random.Random(number)))}
        conversations.add_transcript(f"g{number % 4}/{number:05d}.wav", transcript)
    _measure(place, conversations.folder, options.recordings, options.processing_s)


def _measure(place: Path, folder: Path, count: int, processing_s: float) -> None:
    config = LocalServerConfig(references=folder, concurrency=50, processing_time_s=processing_s)
    with LocalServer(config) as service, _Processor() as processor:
        settle_in(place / "data", service.url)
        state = _calibrate(folder)
        ended_s = time.time()
        last_s = max(job.settled_at.timestamp() for job in ledger().completed())
        print(f"{count:,} recordings: {state.name}: {state.message}")
        print(f"  from the last answer to the end: {ended_s - last_s:.2f} s,")
        print(f"    {processor.spent_s(last_s, ended_s):.2f} s of the processor")
        for begun_s, taken_s, name in _tasks(state, last_s):
            busy_s = processor.spent_s(last_s + begun_s, last_s + begun_s + taken_s)
            print(f"  {begun_s:6.2f} s: {name}: {taken_s:.2f} s, {busy_s:.2f} s busy")


def _talk(chance: random.Random) -> Iterator[dict[str, Any]]:
    """Two people in turn, with pauses of all lengths."""
    at_ms = 0
    for number in range(UTTERANCES):
        speaker, words = "AB"[number % 2], []
        for position in range(WORDS):
            end_ms = at_ms + chance.randint(120, 400)
            mark = "." if position == WORDS - 1 or chance.random() < 0.1 else ""  # noqa: PLR2004
            word = {"text": f"word{mark}", "start": at_ms, "end": end_ms, "confidence": 0.9}
            words.append(word | {"speaker": speaker})
            at_ms = end_ms + int(min(chance.lognormvariate(3.5, 1.6), 4_000))
        whole = {"start": words[0]["start"], "end": words[-1]["end"], "speaker": speaker}
        yield whole | {"text": " ".join(str(word["text"]) for word in words), "words": words}
        at_ms = words[-1]["end"] + chance.randint(-300, 2_000)
        at_ms = max(at_ms, words[-1]["start"])


def _calibrate(folder: Path) -> Any:
    # Prefect reads the server's address as it is imported.
    from flows.calibrate import calibrate  # noqa: PLC0415

    return calibrate([str(folder)], engine="assemblyai", return_state=True)


def _tasks(state: Any, since_s: float) -> list[tuple[float, float, str]]:
    """The tasks of a run that ended after a moment: begin after it, length, name."""
    # Imported late, for the same reason.
    from prefect.client.orchestration import get_client  # noqa: PLC0415
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId  # noqa: PLC0415

    time.sleep(3)  # The server records what has happened a little after it did.
    found = []
    with get_client(sync_client=True) as client:
        runs = FlowRunFilter(id=FlowRunFilterId(any_=[state.state_details.flow_run_id]))
        for offset in range(0, 100_000, 200):
            page = client.read_task_runs(flow_run_filter=runs, limit=200, offset=offset)
            if not page:
                break
            found += [run for run in page if run.end_time and run.start_time]
    spans = [
        (run.start_time.timestamp() - since_s, run.total_run_time.total_seconds(), run.name)
        for run in found
        if run.end_time.timestamp() > since_s
    ]
    return sorted(spans)[:_TASKS_SHOWN]


class _Processor:
    """Processor time of this process against the clock, to be asked for any stretch."""

    def __init__(self) -> None:
        self._at: list[float] = []
        self._spent: list[float] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._over.wait(0.02):
            self._at.append(time.time())
            self._spent.append(time.process_time())

    def spent_s(self, begun_s: float, ended_s: float) -> float:
        first, last = (bisect.bisect_left(self._at, each) for each in (begun_s, ended_s))
        return self._spent[min(last, len(self._spent) - 1)] - self._spent[first]


def _clean_up(place: Path) -> None:
    stop_local_server()
    shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
