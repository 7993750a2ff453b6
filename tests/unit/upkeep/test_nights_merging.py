"""The nights, one small file each, merge without a change to what is said of them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from fermata.drift import assess
from fermata.ledger import Ledger
from fermata.storage import Storage
from fermata.tables import read_table, write_batch
from fermata.tables.nights import NIGHTS
from fermata.upkeep import Keep, plan_tidying, tidy
from tests.unit.drift.simulated_nights import simulated

LATER = datetime.now(UTC) + timedelta(days=2)


def test_many_nights_become_one_file_that_says_the_same(tmp_path: Path) -> None:
    storage = Storage(str(tmp_path))
    frame = simulated(1, nights=40, groups=2).assign(gaps=1, pauses=1)
    for run_id, rows in frame.groupby("run_id"):
        table = pa.Table.from_pylist(rows.to_dict("records"), schema=NIGHTS.schema)
        write_batch(storage, NIGHTS, str(run_id), table)
    said = assess(read_table(storage, NIGHTS))
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        done = tidy(plan_tidying(storage, ledger, Keep(), LATER), storage)
    assert (done.merged_files, done.problems) == (40, ())
    assert len(list(storage.list(NIGHTS.name, ".parquet"))) == 1
    assert assess(read_table(storage, NIGHTS)) == said
