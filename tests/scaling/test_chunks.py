"""A large batch is cut into parts that another machine can read."""

from pathlib import Path

import pytest

from fermata.assemblyai.options import MultichannelMode, options_for
from fermata.ledger import Ledger
from fermata.recordings import GroupBy, without_secrets
from fermata.runs.chunks import (
    ChunkGoneError,
    left_of,
    read_chunk,
    settled_in,
    split,
    unsettled_in,
    write_chunk,
)
from fermata.runs.worklist import Worklist, make_worklist
from fermata.storage import Storage
from tests.flows.conversations import Conversations

WITH_SECRET = "https://me:s3cret@example.com/calls/a.wav"


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")


@pytest.fixture
def worklist(ledger: Ledger, conversations: Conversations, tmp_path: Path) -> Worklist:
    """Seven recordings, one of them with a secret in its address."""
    conversations.add_many(6)
    return make_worklist(
        [str(conversations.folder), WITH_SECRET],
        GroupBy.FOLDER,
        options_for=lambda channels: options_for(
            channels,
            MultichannelMode.AUTO,
            engine="assemblyai",
            speech_models=("universal-2",),
            language_detection=False,
        ),
        ledger=ledger,
        storage=Storage(str(tmp_path / "data")),
        run_id="run",
    )


def submit(ledger: Ledger, part: Worklist, index: int) -> None:
    key = part.items[index].key
    claim = ledger.claim(key)
    assert claim is not None
    with claim:
        claim.uploaded("https://example.com/upload", "https://example.com")
        claim.attempting()
        claim.submitted(f"transcript-{index}")


def test_every_recording_is_in_one_part(worklist: Worklist) -> None:
    parts = split(worklist, 2)
    assert [len(part.new) for part in parts] == [3, 2, 2]
    keys = [item.key for part in parts for item in part.new]
    assert sorted(keys, key=str) == sorted((item.key for item in worklist.new), key=str)


def test_a_small_batch_and_an_empty_one_are_one_part(worklist: Worklist) -> None:
    assert len(split(worklist, 6)) == 1
    assert [part.items for part in split(Worklist((), (), (), (), ()), 6)] == [()]


def test_an_address_with_a_secret_stays_with_the_run(worklist: Worklist, tmp_path: Path) -> None:
    own, *others = split(worklist, 2)
    uris = [item.recording.uri for part in others for item in part.items]
    assert [uri for uri in uris if without_secrets(uri) != uri] == []
    assert WITH_SECRET in [item.recording.uri for item in own.items]
    storage = Storage(str(tmp_path / "data"))
    for number, part in enumerate(others):
        assert b"s3cret" not in storage.read(write_chunk(storage, "run", number, part))


def test_a_part_is_read_back_as_it_was_written(
    worklist: Worklist, ledger: Ledger, storage: Storage
) -> None:
    _, part, _ = split(worklist, 2)
    path = write_chunk(storage, "run", 2, part)
    assert path == "chunks/run/0002.json"
    assert read_chunk(storage, path, ledger) == part
    assert settled_in(part, ledger) == 0


def test_a_part_holds_what_is_left_of_it_by_now(worklist: Worklist, ledger: Ledger) -> None:
    _, part, _ = split(worklist, 2)
    submit(ledger, part, 0)
    left = left_of(part, ledger)
    assert [item.key for item in left.new] == [part.items[1].key]
    assert [job.key for job in left.open_jobs] == [part.items[0].key]
    unsettled = unsettled_in(part, ledger, "its run ended")
    assert unsettled[part.items[0].key].transcript_id == "transcript-0"
    assert {each.reason for each in unsettled.values()} == {"its run ended"}
    assert ledger.complete(part.items[0].key, "transcript-0", 1.0)
    assert settled_in(part, ledger) == 1
    assert set(unsettled_in(part, ledger, "")) == {part.items[1].key}


def test_what_is_at_the_service_already_is_polled_by_the_part_that_has_it(
    worklist: Worklist, ledger: Ledger
) -> None:
    submit(ledger, worklist, 2)
    parts = split(left_of(worklist, ledger), 2)
    assert sum(len(part.open_jobs) for part in parts) == 1
    assert sum(len(part.new) for part in parts) == 6
    assert all(len(part.items) == len(part.new) + len(part.open_jobs) for part in parts)


def test_a_part_whose_file_is_gone_says_so(ledger: Ledger, storage: Storage) -> None:
    with pytest.raises(ChunkGoneError, match="the run that waited for it has ended"):
        read_chunk(storage, "chunks/run/0002.json", ledger)
