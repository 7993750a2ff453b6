"""Tables and live sessions in S3: through Arrow, beside writers, and whole after a kill."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from fermata.calibration import read_latest
from fermata.sessions import SessionKeeper, recover
from fermata.storage import Storage, StorageError
from fermata.tables import (
    GAPS,
    RECORDINGS,
    STREAMED_TURNS,
    gaps_frame,
    read_arrow,
    read_batch,
    read_table,
    recordings_frame,
    write_batch,
)
from tests.scaling.s3_server import BUCKET, S3Server
from tests.unit.sessions.happenings import channel_report, plan, report, turn
from tests.unit.tables.table_rows import recording_gaps, recording_row


def test_a_table_is_read_back_from_all_its_files(storage: Storage) -> None:
    assert read_table(storage, RECORDINGS).empty
    for name in ("r1", "r2", "r3"):
        write_batch(storage, RECORDINGS, f"run-{name}", recordings_frame([recording_row(name)]))
    write_batch(storage, RECORDINGS, "run-r2", recordings_frame([recording_row("r2", (7,))]))
    rows = read_table(storage, RECORDINGS)
    assert sorted(rows["recording_id"]) == ["r1", "r2", "r3"]
    chosen = read_arrow(
        storage, RECORDINGS, ("recording_id",), [("recording_id", "in", ["r1", "r3"])]
    )
    assert sorted(chosen["recording_id"].to_pylist()) == ["r1", "r3"]
    assert len(read_batch(storage, RECORDINGS, "run-r1")) == 1
    assert len(read_batch(storage, RECORDINGS, "run-r9")) == 0


@pytest.mark.parametrize("read", [read_table, lambda *of: read_batch(*of, "run").to_pandas()])
def test_a_table_is_read_while_another_machine_writes_its_file_anew(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, read: Callable[..., pd.DataFrame]
) -> None:
    """S3 refuses to read on in a file that was replaced after it was opened."""

    def write(gaps: int) -> None:
        frame = gaps_frame([recording_gaps("r1", range(1, gaps + 1))])
        write_batch(storage, GAPS, "run", frame)

    write(3)
    opened = storage.filesystem.open
    waiting = [50, 4_000]

    def open_as_another_writes(*arguments: Any, **options: Any) -> Any:
        file = opened(*arguments, **options)
        if waiting:
            write(waiting.pop())
        return file

    monkeypatch.setattr(storage.filesystem, "open", open_as_another_writes)
    assert len(read(storage, GAPS)) == 50
    assert not waiting


def test_no_settings_are_published_yet_in_an_empty_folder(storage: Storage) -> None:
    assert read_latest(storage) is None


def test_a_live_session_is_written_on_this_machine_and_brought_to_s3_at_its_end(
    storage: Storage, s3: S3Server, tmp_path: Path
) -> None:
    with SessionKeeper(storage, plan(), "mine", spool=tmp_path) as keeper:
        keeper.audio_path.write_bytes(b"RIFF")
        keeper.on_turn(turn(0, "Hello."))
        assert storage.list("sessions") == ()
        keeper.on_end(report(channel_report(0, (turn(0, "Hello."),))))
    names = ("audio.wav", "session.json", "transcript.json", "turns.jsonl")
    assert storage.list("sessions") == tuple(f"sessions/mine/{name}" for name in names)
    assert keeper.written["recording"] == storage.uri("sessions/mine/audio.wav")
    assert list(read_table(storage, STREAMED_TURNS)["text"]) == ["Hello."]
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_session_that_s3_does_not_take_is_kept_and_brought_there_later(
    storage: Storage, s3: S3Server, tmp_path: Path
) -> None:
    s3.client().create_bucket(Bucket="away")
    away = Storage("s3://away/data")
    keeper = SessionKeeper(away, plan(), "mine", spool=tmp_path).__enter__()
    keeper.on_turn(turn(0, "Hello."))
    keeper.on_end(report())
    s3.client().delete_bucket(Bucket="away")
    with pytest.raises(StorageError, match="no such bucket"):
        keeper.__exit__(None, None, None)
    s3.client().create_bucket(Bucket="away")
    (state,) = tmp_path.rglob("session.json")
    assert json.loads(state.read_text())["state"] == "running"
    os.utime(state, (0, 0))
    assert recover(away, spool=tmp_path) == ("mine",)
    assert away.exists("sessions/mine/transcript.json")
    assert list(read_table(away, STREAMED_TURNS)["text"]) == ["Hello."]


def test_a_session_begins_only_where_s3_can_be_asked(
    s3: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAWRONG")
    refused = Storage(f"s3://{BUCKET}/data")
    with s3.asking_for_keys(), pytest.raises(StorageError, match="could not be looked up"):
        SessionKeeper(refused, plan(), "mine", spool=tmp_path).__enter__()
