"""A batch: N recordings at a service of its own process, by three clients that take turns.

- `threads`: bare threads that make the same calls, and know how long a job takes;
- `sdk`: the vendor's `transcribe_group`;
- `calibrate`: the command `fermata calibrate`, with a Prefect server of its own.

Each round runs all three, each on a fresh local server. Prints by client (medians of the rounds)
the time from the first request to the last and that of the whole process, as a ratio to the ideal
(jobs / places at the service x processing time), recordings a second, processor milliseconds a
recording of the client, the service and Prefect's server, and requests and polls a recording.

    python -m benchmarks.batch [--recordings 100] [--processing 2] [--places 20] [--rounds 1]

The vendor's figures to compare with: `--recordings 500 --processing 10 --places 50`.
"""

import argparse
import atexit
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import mkdtemp

import requests

from config.prefect_client import connect
from config.prefect_server import running_server, stop_local_server
from tests.flows.conversations import Conversations, alternating

KEY = "opens-nothing-0123456789"
CLIENTS = ("threads", "sdk", "calibrate")
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_RECORDED_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Task:
    """What there is to do."""

    folder: Path
    recordings: int
    processing_s: float
    places: int

    @property
    def ideal_s(self) -> float:
        """How long the service takes at least."""
        return -(-self.recordings // self.places) * self.processing_s


@dataclass(frozen=True, slots=True)
class Measured:
    """What one client took; seconds of the clock and, `_ms`, of processors by the recording."""

    first_to_last_s: float
    whole_s: float
    client_ms: float
    service_ms: float
    prefect_ms: float
    requests: float
    polls: float


def main() -> None:
    """Measures and prints, or is one of the clients in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--recordings", type=int, default=100)
    parser.add_argument("--processing", type=float, default=2.0, help="seconds a job takes")
    parser.add_argument("--places", type=int, default=20, help="jobs in work at once")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--clients", nargs="+", choices=CLIENTS, default=CLIENTS)
    parser.add_argument("--as", dest="role", choices=CLIENTS[:2], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--service", help=argparse.SUPPRESS)
    options = parser.parse_args()
    task = Task(options.folder, options.recordings, options.processing, options.places)
    if options.role:
        {"threads": by_threads, "sdk": by_the_sdk}[options.role](options.service, task)
        return
    place = Path(mkdtemp(prefix="fermata-batch-"))
    os.environ |= {"PREFECT_HOME": str(place / "prefect"), "ASSEMBLYAI_API_KEY": KEY}
    # Registered before Prefect is imported, so it runs after Prefect has sent its last logs.
    atexit.register(_clean_up, place)
    folder = _recorded(place / "recordings", task.recordings)
    task = Task(folder, options.recordings, options.processing, options.places)
    if "calibrate" in options.clients:
        connect(0, lambda: None)
    taken: dict[str, list[Measured]] = {client: [] for client in options.clients}
    for number in range(options.rounds):
        for client in options.clients:
            taken[client].append(_measured(client, task, place / f"data-{client}-{number}"))
    _print(task, taken)


def _recorded(folder: Path, count: int) -> Path:
    """Recordings with their transcripts, in every field that the vendor's client reads."""
    conversations = Conversations(folder)
    said = alternating([100 * each for each in range(1, 11)])
    for utterance in said:
        utterance["confidence"] = 0.9
        utterance["words"] = [{**word, "confidence": 0.9} for word in utterance["words"]]
    for number in range(count):
        conversations.add_transcript(f"{number:05d}.wav", {"utterances": said})
    return conversations.folder


def by_threads(service: str, task: Task) -> None:
    """What a careful person would write for this one service, and no more."""
    local = threading.local()

    def session() -> requests.Session:
        if not hasattr(local, "session"):
            local.session = requests.Session()
            local.session.trust_env = False
            local.session.headers["Authorization"] = KEY
        opened: requests.Session = local.session
        return opened

    def transcribe(path: Path) -> None:
        with path.open("rb") as audio:
            uploaded = session().post(f"{service}/v2/upload", data=audio, timeout=60).json()
        body = {"audio_url": uploaded["upload_url"], "speaker_labels": True}
        job = session().post(f"{service}/v2/transcript", json=body, timeout=60).json()
        time.sleep(task.processing_s)
        while True:
            answer = session().get(f"{service}/v2/transcript/{job['id']}", timeout=60)
            if answer.json()["status"] == "completed":
                return
            time.sleep(0.05)

    with ThreadPoolExecutor(task.places) as threads:
        list(threads.map(transcribe, sorted(task.folder.glob("*.wav"))))


def by_the_sdk(service: str, task: Task) -> None:
    """The vendor's own way."""
    import assemblyai as aai  # noqa: PLC0415 - the other clients do without it

    client = aai.Client(settings=aai.Settings(api_key=KEY, base_url=service))
    group = aai.Transcriber(client=client).transcribe_group(
        [str(path) for path in sorted(task.folder.glob("*.wav"))],
        aai.TranscriptionConfig(speaker_labels=True),
    )
    failed = [one.error for one in group if one.status is not aai.TranscriptStatus.completed]
    if failed or len(group.transcripts) != task.recordings:
        raise SystemExit(f"the vendor's client: {len(failed)} failed: {failed[:1]}")


def _measured(client: str, task: Task, data: Path) -> Measured:
    """Runs one client from its start to its end on a fresh service."""
    with _service(task) as (service, url):
        command, environment = _command(client, url, task, data)
        prefect = running_server() if client == "calibrate" else None
        prefect_before_s = _processor_s(prefect.pid) if prefect else 0.0
        service_before_s = _processor_s(service.pid)
        client_before_s = _children_s()
        begun_s = time.perf_counter()
        ended = subprocess.run(command, env=environment, check=False, capture_output=True)
        whole_s = time.perf_counter() - begun_s
        client_s = _children_s() - client_before_s
        service_s = _processor_s(service.pid) - service_before_s
        prefect_s = _settled_s(prefect.pid) - prefect_before_s if prefect else 0.0
        state = requests.get(f"{url}/_fermata/state", timeout=60).json()
    if ended.returncode or state["jobs"] != {"completed": task.recordings}:
        raise SystemExit(f"{client}: {state['jobs']}\n{ended.stderr.decode()}")
    each_ms = 1000 / task.recordings
    return Measured(
        first_to_last_s=state["first_to_last_request_s"],
        whole_s=whole_s,
        client_ms=client_s * each_ms,
        service_ms=service_s * each_ms,
        prefect_ms=prefect_s * each_ms,
        requests=sum(state["requests"].values()) / task.recordings,
        polls=state["requests"]["poll"] / task.recordings,
    )


def _command(client: str, url: str, task: Task, data: Path) -> tuple[list[str], dict[str, str]]:
    if client == "calibrate":
        command = [str(Path(sys.executable).with_name("fermata")), "calibrate", str(task.folder)]
        return [*command, "--engine", "assemblyai", "--json"], {
            **os.environ,
            "FERMATA_DATA_DIR": str(data),
            "FERMATA_ASSEMBLYAI_BASE_URL": url,
            "FERMATA_MAX_CONCURRENT_RECORDINGS": str(task.places),
        }
    sizes = ("--recordings", task.recordings, "--processing", task.processing_s)
    where = ("--places", task.places, "--folder", task.folder, "--service", url)
    module = [sys.executable, "-W", "ignore", "-m", "benchmarks.batch", "--as", client]
    return [*module, *map(str, sizes + where)], dict(os.environ)


@contextmanager
def _service(task: Task) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A local server in a process of its own, and its address."""
    command = [str(Path(sys.executable).with_name("fermata")), "local-server", "--port", "0"]
    sizes = ["--concurrency", str(task.places), "--processing-time", str(task.processing_s)]
    process = subprocess.Popen(
        [*command, *sizes, "--references", str(task.folder)],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        yield process, process.stderr.readline().strip()
    finally:
        process.terminate()
        process.wait()


def _settled_s(pid: int) -> float:
    """The processor seconds of Prefect's server once it has recorded what it was sent."""
    until_s = time.monotonic() + _RECORDED_WITHIN_S
    taken_s = _processor_s(pid)
    while time.monotonic() < until_s:
        time.sleep(2.0)
        before_s, taken_s = taken_s, _processor_s(pid)
        if taken_s - before_s < 0.2:  # noqa: PLR2004 - what it takes for nothing
            break
    return taken_s


def _processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_A_SECOND


def _children_s() -> float:
    """The processor seconds of the processes that were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _print(task: Task, taken: dict[str, list[Measured]]) -> None:
    print(f"{task.recordings} recordings, {task.processing_s:g} s each, {task.places} at once: ")
    print(f"ideal {task.ideal_s:g} s; processor times in ms a recording")
    names = "first-last whole of-ideal whole/ideal a-second client service prefect requests polls"
    print(f"{'':<10}" + "".join(f"{name:>12}" for name in names.split()))
    for client, rounds in taken.items():
        print(f"{client:<10}" + "".join(f"{each:>12}" for each in _row(task, rounds)))


def _row(task: Task, rounds: list[Measured]) -> list[str]:
    def middle(name: str) -> float:
        return median(getattr(one, name) for one in rounds)

    first_to_last_s, whole_s = middle("first_to_last_s"), middle("whole_s")
    ideal = [
        f"{each / task.ideal_s:.3f}" if task.ideal_s else "-" for each in (first_to_last_s, whole_s)
    ]
    return [
        f"{first_to_last_s:.1f} s",
        f"{whole_s:.1f} s",
        *ideal,
        f"{task.recordings / first_to_last_s:.1f}",
        *(f"{middle(name):.1f}" for name in ("client_ms", "service_ms", "prefect_ms")),
        *(f"{middle(name):.2f}" for name in ("requests", "polls")),
    ]


def _clean_up(place: Path) -> None:
    stop_local_server()
    shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
