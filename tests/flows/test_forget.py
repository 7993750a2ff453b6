"""A call that is forgotten by the command: not a byte of it is left here, in Prefect, or there."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from config.wiring import ledger
from fermata.cli.main import run
from tests.flows.running import FlowRunner
from tests.flows.seen import FlowRun, eventually
from tests.flows.spoken_words import TwiceHeard
from tests.flows.test_stream import service_that_hears, streamed
from tests.unit.forgetting.searching import places_with

NAME = "unmistakable-caller-0815.wav"
OTHER = "somebody-else.wav"
SAID = "xylophone"

TASKS_OF_A_SESSION = 2
"""It is streamed and reported."""


# With a Prefect server to itself: others that write to it keep its log from being emptied.
@pytest.mark.soak
def test_the_tombstone_alone_is_left_here_and_in_prefect(
    tmp_path: Path, flows: FlowRunner, capsys: pytest.CaptureFixture[str]
) -> None:
    heard = TwiceHeard(tmp_path / "recordings")
    recording = heard.add(NAME, (f"well {SAID} so", f"well {SAID} so"))
    heard.add(OTHER, ("yes no so well", "yes no so well"))
    flows.set(FERMATA_TRANSCRIPTS_IN_PREFECT=True)
    with service_that_hears(flows, heard.batch) as server:
        calibrated, heard_live = flows.calibrate(heard.batch), streamed(recording)
        session = heard_live.result.session
        recording_id = calibrated.by_name[NAME].recording_id
        transcript_id = calibrated.by_name[NAME].transcript_id
        needles = (NAME, SAID, recording_id, transcript_id, session)
        recorded(calibrated, heard_live)
        assert len(found(flows, needles)) > 10
        assert found_in_prefect(needles) != set()

        assert run(["forget", str(recording), "--yes"]) == 0

        told = capsys.readouterr()
        assert "removed: 1 archived transcripts" in told.out
        assert server.store.transcripts[transcript_id].deleted
        again = flows.calibrate(heard.batch)
    assert [each.name for each in again.result.recordings] == [OTHER]
    assert server.store.submissions.total() == 2
    ledger().close()
    assert found_in_prefect(needles) == set()
    assert found(flows, (NAME, SAID, transcript_id, session)) == set()
    assert found(flows, (recording_id,)) == {
        f"forgotten/{recording_id}.json",
        "ledger.sqlite",
    }


def recorded(*runs: FlowRun) -> None:
    """Waits until Prefect has written all that it will write about these runs.

    Events come last: one of the server for each run, and one of the process for each task.
    """

    def has_written() -> bool | None:
        with closing(sqlite3.connect(prefect_database())) as database:
            return all(_is_written(database, str(each.run_id)) for each in runs) or None

    runs[0].task_runs()
    eventually(has_written)


def _is_written(database: sqlite3.Connection, run_id: str) -> bool:
    def count(statement: str, *values: str) -> int:
        return int(database.execute(f"SELECT count(*) FROM {statement}", values).fetchone()[0])

    ended = count(
        "events WHERE event = 'prefect.flow-run.Completed' AND resource_id = ?",
        f"prefect.flow-run.{run_id}",
    )
    tasks = count("task_run WHERE replace(flow_run_id, '-', '') = ?", run_id.replace("-", ""))
    told = count(
        "events WHERE event = 'prefect.task-run.Completed' AND instr(related, ?) > 0", run_id
    )
    return ended == 1 and TASKS_OF_A_SESSION <= tasks == told


def prefect_database() -> Path:
    return Path(os.environ["PREFECT_HOME"]) / "prefect.db"


def found(flows: FlowRunner, needles: tuple[str, ...]) -> set[str]:
    return places_with(flows.data_dir, needles)


def found_in_prefect(needles: tuple[str, ...]) -> set[str]:
    """The files of Prefect's database that hold one of them, its write-ahead log among them."""
    home = Path(os.environ["PREFECT_HOME"])
    return {place for place in places_with(home, needles) if place.startswith("prefect.db")}
