"""Recordings are read while something else is waited for, and the run finds them read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fermata.ledger import Ledger
from fermata.recordings import Candidate, GroupBy, list_recordings
from fermata.runs import worklist
from fermata.runs.reading_ahead import read_ahead
from tests.flows.conversations import write_sound

COUNT = 70


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as opened:
        yield opened


@pytest.fixture
def candidates(tmp_path: Path) -> tuple[Candidate, ...]:
    for number in range(COUNT):
        write_sound(tmp_path / "calls" / f"{number:02d}.wav", str(number))
    return list_recordings([str(tmp_path / "calls")], GroupBy.FOLDER).candidates


def never() -> bool:
    return False


def test_all_are_read_a_few_at_a_time_and_counted(
    ledger: Ledger, candidates: tuple[Candidate, ...]
) -> None:
    assert list(read_ahead(candidates, ledger, never)) == [32, 64, COUNT]
    assert set(ledger.files.lookup(candidates)) == {each.uri for each in candidates}


def test_what_is_enough_leaves_the_others_to_the_run(
    ledger: Ledger, candidates: tuple[Candidate, ...]
) -> None:
    answers = iter([False, True])
    assert list(read_ahead(candidates, ledger, lambda: next(answers))) == [32]
    assert set(ledger.files.lookup(candidates)) == {each.uri for each in candidates[:32]}
    assert list(read_ahead(candidates, ledger, lambda: True)) == []


def test_the_run_reads_none_of_them_again(
    ledger: Ledger, candidates: tuple[Candidate, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    list(read_ahead(candidates, ledger, never))
    monkeypatch.setattr(worklist, "identify", lambda each: pytest.fail(f"read again: {each.name}"))
    recordings, rejections = worklist.read_unseen(candidates, ledger)
    assert (len(recordings), rejections) == (COUNT, [])


def test_one_that_cannot_be_read_keeps_none_of_the_others_back(
    ledger: Ledger, candidates: tuple[Candidate, ...]
) -> None:
    Path(candidates[0].uri).write_bytes(b"no sound")
    assert list(read_ahead(candidates, ledger, never))[-1] == COUNT
    assert len(ledger.files.lookup(candidates)) == COUNT - 1
