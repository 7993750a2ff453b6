"""A night's work at scale: nothing new among many known recordings, and many new ones.

Runs the flow `nightly` against a Prefect server of its own, and prints

- how long a night takes that finds nothing new, with the service's address pointing nowhere;
- what each new recording costs in orchestration: seconds of the whole run and of the server's
  processor, against the same work by the library alone; and whether the server has recorded
  every task run.

    python -m benchmarks.nightly [--known 100000] [--new 200]
"""

import argparse
import atexit
import os
import shutil
import time
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pandas as pd
import requests
from sqlalchemy import update

from config.choices import Engine
from config.choosing import choosing
from config.prefect_client import connect
from config.prefect_reached import PrefectApi, reached_api
from config.prefect_server import running_server, stop_local_server
from config.running_server import RunningServer
from config.services import ServiceAddress, client_for
from config.settings import settings
from config.wiring import ledger, presets, request_options, storage
from fermata.archive import TranscriptArchive
from fermata.assemblyai.options import MultichannelMode
from fermata.calibration import ChooseBy, RecordingOutcome, calibrate, write_calibration
from fermata.ledger import Job, JobState
from fermata.ledger.clock import now_s
from fermata.ledger.schema import JOBS
from fermata.localserver import LocalServer, LocalServerConfig
from fermata.recordings import GroupBy, Recording, list_recordings, open_content
from fermata.runs.coverage import VIEWS
from fermata.runs.readings import read_job
from fermata.runs.tabulate import batches_to_tabulate, tabulate
from fermata.runs.worklist import WorkItem, make_worklist, planned_jobs, work_item
from fermata.tables import RECORDINGS, RecordingRow, RecordingStatus, recordings_frame, write_batch
from fermata.transcription import PollPolicy, poll, submit_once
from tests.flows.conversations import Conversations
from tests.flows.running import forget_wiring

NOBODY = "http://127.0.0.1:9"
UPLOADS_AT_ONCE = 8
_RECORDED_WITHIN_S = 60.0


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--known", type=int, default=100_000)
    parser.add_argument("--new", type=int, default=200)
    options = parser.parse_args()
    place = Path(mkdtemp(prefix="fermata-nightly-"))
    os.environ |= {
        "PREFECT_HOME": str(place / "prefect"),
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "ASSEMBLYAI_API_KEY": "opens-nothing-0123456789",
        "FERMATA_POLL_INTERVAL_S": "0.1",
    }
    # Registered before Prefect is imported, so it runs after Prefect has sent its last logs.
    atexit.register(_clean_up, place)
    connect(0, lambda: None)
    server = running_server()
    assert server is not None
    _nothing_new(place, options.known)
    _many_new(place, options.new, server)


def _clean_up(place: Path) -> None:
    stop_local_server()
    shutil.rmtree(place, ignore_errors=True)


def _nothing_new(place: Path, known: int) -> None:
    recordings = place / "known"
    settle_in(place / "data-known", NOBODY)
    _write_files(recordings, known)
    _let_the_ledger_know(recordings)
    begun = time.perf_counter()
    state = _nightly(recordings)
    taken_s = time.perf_counter() - begun
    print(f"{known:,} known, none new: {taken_s:.1f} s; {state.name}: {state.message}")


def _many_new(place: Path, count: int, server: RunningServer) -> None:
    conversations = Conversations(place / "new")
    for number in range(count):
        conversations.add(f"g{number % 4}/{number:05d}.wav")
    with LocalServer(LocalServerConfig(references=conversations.folder, concurrency=50)) as service:
        settle_in(place / "data-library", service.url)
        alone_s = _timed(lambda: _by_the_library(conversations.folder))
        settle_in(place / "data-flow", service.url)
        busy_before_s = _processor_s(server.pid)
        begun = time.perf_counter()
        state = _nightly(conversations.folder)
        flow_s = time.perf_counter() - begun
        recorded, lag_s = _recorded_task_runs(_reached(), state, count)
        busy_s = _processor_s(server.pid) - busy_before_s
    print(f"{count:,} new: {state.message}")
    print(f"  by the flow {flow_s:.1f} s, by the library alone {alone_s:.1f} s")
    print(f"  orchestration, per recording: {1000 * (flow_s - alone_s) / count:.0f} ms of the run,")
    print(f"    {1000 * busy_s / count:.0f} ms of the server's processor")
    print(
        f"  uploads recorded as task runs: {recorded:,} of {count:,}, {lag_s:.1f} s after the end"
    )
    print(f"  ratio of the flow to the library: {flow_s / alone_s:.2f}")


def _write_files(folder: Path, count: int) -> None:
    for number in range(count):
        path = folder / f"g{number % 100:02d}" / f"{number:06d}.wav"
        if number < 100:  # noqa: PLR2004 - the first of each folder
            path.parent.mkdir(parents=True)
        path.write_bytes(b"%d" % number)


def _let_the_ledger_know(folder: Path) -> None:
    """As if all had been transcribed and calibrated on earlier nights."""
    listed = list_recordings([str(folder)], GroupBy.FOLDER).candidates
    options = request_options(Engine.ASSEMBLYAI, MultichannelMode.AUTO)(1)
    found = [
        Recording(f"{at:064x}", each.uri, each.name, each.group, each.fingerprint, 6, 1.0, 1)
        for at, each in enumerate(listed)
    ]
    ledger().files.remember(found)
    ledger().plan(planned_jobs([work_item(each, options) for each in found], "earlier"))
    done = {"state": "completed", "settled_at": now_s(), "tabled_at": now_s()}
    with ledger()._database.writing() as connection:  # noqa: SLF001 - no API settles what was never sent
        connection.execute(update(JOBS).values(**done))
    _tabulate(ledger().completed())
    _calibrate({each.group for each in found})


def _tabulate(jobs: Iterable[Job]) -> None:
    """As if each had been analysed, and its transcript were kept no longer."""
    archive = TranscriptArchive(storage())
    by_batch: defaultdict[str, list[RecordingRow]] = defaultdict(list)
    for job in jobs:
        row = read_job(replace(job, state=JobState.FAILED), archive).row
        by_batch[job.batch].append(replace(row, status=RecordingStatus.ANALYSED))
    for batch, rows in by_batch.items():
        for view in VIEWS:
            write_batch(storage(), view, batch, view.schema.empty_table())
        write_batch(storage(), RECORDINGS, batch, recordings_frame(rows))


def _calibrate(groups: Iterable[str]) -> None:
    gaps = pd.DataFrame({"recording_id": [], "options_hash": [], "gap_ms": []})
    made = calibrate(
        run_id="earlier",
        chosen_at=datetime.now(UTC),
        outcomes=[RecordingOutcome(None, None, group, 0) for group in groups],
        gaps=gaps,
        presets=presets(),
        speech_model="u3-rt-pro",
    )
    write_calibration(storage(), made)
    ledger().calibrated.mark(ledger().calibrated.lacking())
    ledger().calibrated.keep_asked(groups, choosing(ChooseBy.AUTO, "", "").asked)


def _by_the_library(folder: Path) -> None:
    """Sends, archives and tabulates as the flow does, without Prefect."""
    options = request_options(Engine.ASSEMBLYAI, MultichannelMode.AUTO)
    work = make_worklist(
        [str(folder)],
        GroupBy.FOLDER,
        options_for=options,
        ledger=ledger(),
        storage=storage(),
        run_id="library",
    )
    client = client_for(ServiceAddress(Engine.ASSEMBLYAI, settings().assemblyai_base_url))
    archive = TranscriptArchive(storage())

    def send(item: WorkItem) -> None:
        submit_once(
            item.recording,
            item.options,
            client=client,
            ledger=ledger(),
            open_content=open_content,
        )

    with ThreadPoolExecutor(UPLOADS_AT_ONCE) as uploads:
        list(uploads.map(send, work.new))
    poll(
        ledger().open_jobs(Engine.ASSEMBLYAI),
        client=client,
        ledger=ledger(),
        archive=lambda key, raw: archive.write(key.recording_id, key.options_hash, raw),
        policy=PollPolicy(interval_s=settings().poll_interval_s),
    )
    for batch in batches_to_tabulate(storage(), ledger()):
        tabulate(batch, storage(), ledger())


def _nightly(folder: Path) -> Any:
    # Prefect reads the server's address as it is imported.
    from flows.nightly import nightly  # noqa: PLC0415

    return nightly([str(folder)], engine="assemblyai", return_state=True)


def _reached() -> PrefectApi:
    api = reached_api()
    assert api is not None
    return api


def _recorded_task_runs(api: PrefectApi, state: Any, expected: int) -> tuple[int, float]:
    """How many uploads of a run the server knows as completed, and how long that took."""
    run = {"flow_runs": {"id": {"any_": [str(state.state_details.flow_run_id)]}}}
    uploads = {"name": {"like_": "upload"}, "state": {"type": {"any_": ["COMPLETED"]}}}
    asked = run | {"task_runs": uploads}
    begun = time.perf_counter()
    while True:
        answer = requests.post(
            f"{api.url}/task_runs/count", json=asked, headers=api.headers, timeout=30
        )
        answer.raise_for_status()
        waited_s = time.perf_counter() - begun
        if answer.json() >= expected or waited_s > _RECORDED_WITHIN_S:
            return int(answer.json()), waited_s
        time.sleep(0.2)


def settle_in(data: Path, service: str) -> None:
    """Points this process at a data folder and a service."""
    os.environ |= {"FERMATA_DATA_DIR": str(data), "FERMATA_ASSEMBLYAI_BASE_URL": service}
    forget_wiring()


def _processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _timed(work: Any) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
