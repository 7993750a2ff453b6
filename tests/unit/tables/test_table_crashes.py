"""A writer killed at any moment leaves tables that are whole, and rows that are single."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from fermata.storage import Storage
from fermata.tables import GAPS, read_table

WRITER = Path(__file__).with_name("table_writer.py")
ROWS_OF_A_BATCH = 50 * 400


def write_until_killed(folder, writes):
    """Kills the writer with SIGKILL as soon as it has begun the write after the given number."""
    command = [sys.executable, str(WRITER), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        for _ in range(writes):
            assert writer.stdout.readline()
        writer.kill()
    assert writer.returncode == -9


@pytest.mark.parametrize("writes", [1, 5])
def test_a_killed_writer_leaves_whole_files_and_no_row_twice(tmp_path, writes):
    for _ in range(2):
        write_until_killed(tmp_path, writes)
    batches = len(list((tmp_path / "gaps").glob("*.parquet")))
    assert batches >= min(writes, 3)
    gaps = pd.read_parquet(tmp_path / "gaps")
    assert len(gaps) == batches * ROWS_OF_A_BATCH
    assert not gaps.duplicated(["recording_id", "options_hash", "index"]).any()
    assert len(read_table(Storage(str(tmp_path)), GAPS)) == len(gaps)
    with duckdb.connect() as database:
        counted = database.execute(f"SELECT count(*) FROM '{tmp_path}/gaps/**/*.parquet'")
        assert counted.fetchone() == (len(gaps),)
