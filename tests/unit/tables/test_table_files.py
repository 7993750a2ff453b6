"""Tables as Parquet files: whole, without doubled rows, readable by anyone."""

import dataclasses
import hashlib
import uuid

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from table_rows import OPTIONS, recording_gaps, recording_row

from fermata.storage import Storage
from fermata.tables import (
    CALIBRATIONS,
    GAP_FIGURES,
    GAPS,
    RECORDINGS,
    RecordingStatus,
    TableError,
    gaps_frame,
    read_arrow,
    read_table,
    recordings_frame,
    write_batch,
)
from fermata.turntaking import GapStatistics


@pytest.fixture(params=["disk", "memory"])
def storage(request, tmp_path):
    if request.param == "disk":
        return Storage(str(tmp_path))
    return Storage(f"memory://{uuid.uuid4().hex}")


def test_a_recording_reads_back_as_it_was_written(storage):
    row = recording_row()
    write_batch(storage, RECORDINGS, "b1", recordings_frame([row]))
    read = read_table(storage, RECORDINGS).iloc[0].to_dict()
    assert read["analysed_at"] == pd.Timestamp(row.analysed_at)
    assert read["status"] == "analysed"
    assert {name: read[name] for name in GAP_FIGURES} == {
        name: getattr(row.statistics, name) for name in GAP_FIGURES
    }
    assert (read["total_gaps"], read["total_utterances"], read["channels"]) == (2, 3, 2)


def test_a_failed_recording_has_a_reason_and_null_figures(storage):
    failed = recording_row(
        gaps_ms=(),
        status=RecordingStatus.FAILED,
        reason="the service says: Transcoding failed",
        channels=None,
        duration_s=None,
        transcript_id=None,
        total_utterances=0,
    )
    write_batch(storage, RECORDINGS, "b1", recordings_frame([failed]))
    read = read_table(storage, RECORDINGS)
    assert read["reason"][0] == failed.reason
    assert read["total_gaps"][0] == 0
    assert read[[*GAP_FIGURES, "channels", "duration_s", "transcript_id"]].isna().all(axis=None)


def test_the_figures_of_the_tables_are_those_of_gap_statistics():
    fields = [field.name for field in dataclasses.fields(GapStatistics)]
    assert sorted(fields) == sorted(["total_gaps", *GAP_FIGURES])
    assert {*fields} <= {*RECORDINGS.schema.names} & {*CALIBRATIONS.schema.names}


def test_every_signed_gap_has_its_row(storage):
    write_batch(storage, GAPS, "b1", gaps_frame([recording_gaps(gaps_ms=(100, -50))]))
    assert read_table(storage, GAPS).to_dict("list") == {
        "recording_id": ["r1", "r1"],
        "options_hash": [OPTIONS, OPTIONS],
        "group": ["ivr", "ivr"],
        "index": [0, 1],
        "previous_speaker": ["A", "B"],
        "next_speaker": ["B", "A"],
        "previous_end_ms": [10_000, 20_000],
        "next_start_ms": [10_100, 19_950],
        "gap_ms": [100, -50],
    }


@given(st.permutations(["r1", "r2", "r3", "r4"]))
def test_a_file_is_the_same_in_whatever_order_its_rows_came(ids):
    storage = Storage(f"memory://{uuid.uuid4().hex}")
    in_order = gaps_frame([recording_gaps(each) for each in sorted(ids)])
    shuffled = gaps_frame([recording_gaps(each) for each in ids])
    one = storage.read(write_batch(storage, GAPS, "one", in_order))
    assert storage.read(write_batch(storage, GAPS, "two", shuffled)) == one


def test_a_dataframe_makes_the_same_file_as_an_arrow_table(storage):
    frame = recordings_frame([recording_row("r1"), recording_row("r2", gaps_ms=())])
    from_arrow = storage.read(write_batch(storage, RECORDINGS, "one", frame))
    from_pandas = storage.read(write_batch(storage, RECORDINGS, "two", frame.to_pandas()))
    assert from_pandas == from_arrow


def test_writing_a_batch_again_replaces_its_rows(storage):
    write_batch(storage, RECORDINGS, "b1", recordings_frame([recording_row("r1")]))
    again = [recording_row("r1", run_id="run-2"), recording_row("r2", run_id="run-2")]
    write_batch(storage, RECORDINGS, "b1", recordings_frame(again))
    assert list(read_table(storage, RECORDINGS)["run_id"]) == ["run-2", "run-2"]


def test_batches_are_read_as_one_table(storage):
    write_batch(storage, RECORDINGS, "b1", recordings_frame([recording_row("r1")]))
    write_batch(storage, RECORDINGS, "b2", recordings_frame([recording_row("r2")]))
    assert list(read_table(storage, RECORDINGS)["recording_id"]) == ["r1", "r2"]


def test_columns_and_filters_leave_the_rest_unread(storage):
    rows = [recording_row("r1"), recording_row("r2", group="support")]
    write_batch(storage, RECORDINGS, "b1", recordings_frame(rows))
    read = read_table(storage, RECORDINGS, ["name"], [("group", "==", "support")])
    assert read.to_dict("list") == {"name": ["ivr/r2.wav"]}


@pytest.mark.parametrize("table", [RECORDINGS, GAPS, CALIBRATIONS], ids=lambda table: table.name)
def test_a_table_that_was_never_written_is_empty_and_has_its_columns(storage, table):
    assert list(read_table(storage, table).columns) == table.schema.names
    assert len(read_table(storage, table)) == 0


def test_an_empty_batch_keeps_the_schema(storage):
    write_batch(storage, GAPS, "b1", gaps_frame([recording_gaps(gaps_ms=())]))
    assert read_arrow(storage, GAPS).schema.equals(GAPS.schema)
    assert read_table(storage, GAPS).empty


def test_columns_that_an_older_file_lacks_read_as_null(storage):
    path = f"recordings/{uuid.uuid4().hex}.parquet"
    old = recordings_frame([recording_row()]).drop_columns(["p95_gap_ms"])
    packed = pa.BufferOutputStream()
    pq.write_table(old, packed)
    storage.write_atomically(path, packed.getvalue().to_pybytes())
    assert read_table(storage, RECORDINGS)["p95_gap_ms"].isna().all()


@pytest.mark.parametrize(
    ("frame", "problem"),
    [
        (recordings_frame([recording_row(), recording_row()]), "share one"),
        (recordings_frame([recording_row(name=None)]), "'name' with null"),
        (recordings_frame([recording_row()]).drop_columns(["uri"]), "uri"),
        (pd.DataFrame({"recording_id": ["r1"]}), "do not fit"),
    ],
)
def test_rows_that_cannot_be_are_refused_and_the_old_ones_stay(storage, frame, problem):
    write_batch(storage, RECORDINGS, "b1", recordings_frame([recording_row("old")]))
    with pytest.raises(TableError, match=problem) as refused:
        write_batch(storage, RECORDINGS, "b1", frame)
    assert "\n" not in str(refused.value)
    assert list(read_table(storage, RECORDINGS)["recording_id"]) == ["old"]


@pytest.mark.parametrize("batch", ["", "../b", "a/b", ".hidden"])
def test_a_batch_is_named_like_a_file(storage, batch):
    with pytest.raises(ValueError, match="not a batch name"):
        write_batch(storage, GAPS, batch, gaps_frame([]))


def test_a_damaged_file_is_named_in_one_line(storage):
    storage.write_atomically("gaps/b1.parquet", b"PAR1 and then nothing")
    with pytest.raises(TableError, match=r"b1\.parquet") as refused:
        read_table(storage, GAPS)
    assert "\n" not in str(refused.value)


def test_pandas_reads_the_folder_and_duckdb_the_glob(tmp_path):
    storage = Storage(str(tmp_path))
    for number in range(3):
        gaps = [recording_gaps(f"r{number}")] if number else []
        write_batch(storage, GAPS, f"b{number}", gaps_frame(gaps))
        rows = [recording_row(f"r{number}", () if number else (100,), channels=number or None)]
        write_batch(storage, RECORDINGS, f"b{number}", recordings_frame(rows))
    assert len(pd.read_parquet(tmp_path / "gaps")) == 6
    assert len(pd.read_parquet(tmp_path / "recordings")) == 3
    with duckdb.connect() as database:
        found = database.execute(
            'SELECT "group", count(*), avg(gap_ms) FILTER (gap_ms > 0) '
            f"FROM read_parquet('{tmp_path}/gaps/**/*.parquet') GROUP BY \"group\""
        ).fetchall()
    assert found == [("ivr", 6, 250.0)]


def test_nobody_sees_a_temporary_file_that_a_crash_left(tmp_path):
    storage = Storage(str(tmp_path))
    write_batch(storage, GAPS, "b1", gaps_frame([recording_gaps()]))
    whole = (tmp_path / "gaps/b1.parquet").read_bytes()
    (tmp_path / "gaps/.0123456789abcdef.partial").write_bytes(whole[: len(whole) // 2])
    assert len(pd.read_parquet(tmp_path / "gaps")) == 3
    assert len(read_table(storage, GAPS)) == 3
    with duckdb.connect() as database:
        glob = f"{tmp_path}/gaps/**/*.parquet"
        assert database.execute(f"SELECT count(*) FROM '{glob}'").fetchone() == (3,)


def test_a_batch_of_500_recordings_with_1000_gaps_each_is_one_file_in_row_groups(tmp_path):
    ids = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(500)]
    one = recording_gaps(gaps_ms=range(-500, 500)).gaps
    many = [dataclasses.replace(recording_gaps(each), gaps=one) for each in ids]
    write_batch(Storage(str(tmp_path)), GAPS, "b1", gaps_frame(many))
    (path,) = tmp_path.rglob("*.parquet")
    written = pq.read_metadata(path)
    assert written.num_rows == 500_000
    assert 10 < written.num_row_groups < 100
