"""Archived transcripts are deleted when they are old enough, and only if nothing needs them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fermata.archive import TranscriptArchive
from fermata.assemblyai.errors import ServiceUnavailableError
from fermata.ledger import Job, Ledger
from fermata.runs.coverage import VIEWS
from fermata.runs.tabulate import tabulate
from fermata.tables import Table
from fermata.upkeep import Keep, Tidying, plan_tidying, tidy
from tests.unit.runs.test_worklist_and_outcome import Bench

LATER = datetime.now(UTC) + timedelta(days=31)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        yield Bench(tmp_path, ledger)


def transcribed(bench: Bench, count: int = 2) -> str:
    """Some transcribed recordings that are not in the tables yet; returns their batch."""
    for number in range(count):
        bench.add(f"{number}.wav")
    for number, item in enumerate(bench.worklist().new):
        bench.complete(item.key, 300, 700, transcript_id=f"t{number}")
    (batch,) = {job.batch for job in bench.ledger.completed()}
    return batch


def planned(bench: Bench, now: datetime = LATER) -> Tidying:
    return plan_tidying(bench.storage, bench.ledger, Keep(transcripts_days=30), now)


def archived(bench: Bench) -> int:
    return len(TranscriptArchive(bench.storage).keys())


def test_old_transcripts_go_once_the_tables_hold_their_rows(bench: Bench) -> None:
    tabulate(transcribed(bench), bench.storage, bench.ledger)
    assert planned(bench, datetime.now(UTC)).lines == ()
    assert tidy(planned(bench), bench.storage).summary == "2 transcripts deleted"
    assert archived(bench) == 0
    assert planned(bench).lines == ()


def test_transcripts_that_the_tables_do_not_hold_are_kept(bench: Bench) -> None:
    batch = transcribed(bench)
    assert planned(bench).transcripts == ()
    tabulate(batch, bench.storage, bench.ledger)
    bench.storage.remove(f"recordings/{batch}.parquet")
    assert planned(bench).transcripts == ()


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_transcripts_are_kept_that_a_view_is_to_be_rebuilt_from(bench: Bench, view: Table) -> None:
    batch = transcribed(bench)
    tabulate(batch, bench.storage, bench.ledger)
    bench.storage.remove(f"{view.name}/{batch}.parquet")
    assert planned(bench).transcripts == ()
    tabulate(batch, bench.storage, bench.ledger)
    assert len(planned(bench).transcripts) == 2


def test_a_recording_whose_transcript_went_is_not_sent_again(bench: Bench) -> None:
    tabulate(transcribed(bench), bench.storage, bench.ledger)
    tidy(planned(bench), bench.storage)
    assert bench.worklist("second").new == ()


def test_a_transcript_that_the_service_keeps_is_kept_here_too(bench: Bench) -> None:
    tabulate(transcribed(bench), bench.storage, bench.ledger)

    def away(_job: Job) -> None:
        raise ServiceUnavailableError("the service is away")

    tidied = tidy(planned(bench), bench.storage, away)
    assert tidied.transcripts == 0
    assert tidied.problems == ("2 transcripts are left: the service is away",)
    assert archived(bench) == 2
