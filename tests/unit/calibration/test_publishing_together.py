"""Whatever order, crash or company: what is in force follows from table and records alone."""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from fermata.calibration import (
    MAIN,
    PublishedBy,
    history,
    publish,
    roll_back,
    write_latest,
)
from fermata.calibration.publications import Publication, read_publications, write_publication
from fermata.errors import UsageError
from tests.unit.calibration.publishing_folder import NOON, PRESETS, Folder

_gaps = st.dictionaries(
    st.sampled_from(["ivr", "sales", "support"]),
    st.sampled_from([None, 100, 700, 3_000]),
    min_size=1,
)
_steps = st.lists(
    st.one_of(
        st.tuples(st.just("publish"), _gaps),
        st.tuples(st.just("crash before the record"), _gaps),
        st.tuples(st.just("crash after the record"), _gaps),
        st.tuples(st.just("roll back"), st.sampled_from(["previous", "run-1", "run-2"])),
        st.tuples(st.just("retry"), st.sampled_from(["run-1", "run-2", "run-3"])),
    ),
    max_size=8,
)


def _take(folder: Folder, step: str, what) -> None:
    if step == "publish":
        folder.publish(what)
    elif step == "crash before the record":
        folder.calibrate(what)
    elif step == "crash after the record":
        run_id = folder.calibrate(what)
        latest = folder.storage.read(MAIN.latest_path)
        publish(folder.storage, PRESETS, run_id, by=PublishedBy.AUTOMATIC, reason="")
        folder.storage.write_atomically(MAIN.latest_path, latest)
    elif step == "retry":
        publish(folder.storage, PRESETS, what, by=PublishedBy.AUTOMATIC, reason="")
    else:
        roll_back(folder.storage, PRESETS, what, scope=MAIN)


@settings(max_examples=5)
@given(_steps)
def test_what_clients_read_follows_from_table_and_records_alone(steps):
    with tempfile.TemporaryDirectory() as root:
        folder = Folder(Path(root))
        folder.publish({"ivr": 700})
        for step, what in steps:
            with suppress(UsageError):
                _take(folder, step, what)
            write_latest(folder.storage, PRESETS, MAIN)
            with_history = folder.storage.read(MAIN.latest_path)
            folder.storage.remove(MAIN.latest_path)
            write_latest(folder.storage, PRESETS, MAIN)
            assert folder.storage.read(MAIN.latest_path) == with_history


@settings(max_examples=5)
@given(st.permutations(range(4)))
def test_the_order_in_which_records_arrive_means_nothing(order):
    with tempfile.TemporaryDirectory() as root:
        folder = Folder(Path(root))
        runs = [folder.calibrate({"ivr": gap_ms}) for gap_ms in (100, 700, 3_000, 200)]
        for index in order:
            record = Publication(
                runs=dict.fromkeys(("*", "ivr"), runs[index]),
                published_at=NOON + timedelta(days=index),
                by=PublishedBy.AUTOMATIC,
                reason="",
            )
            write_publication(folder.storage, MAIN, record)
            write_latest(folder.storage, PRESETS, MAIN)
        assert folder.runs == {"*": runs[3], "ivr": runs[3]}


def test_workers_that_publish_at_once_leave_all_records_and_the_newest_in_force(tmp_path):
    folder = Folder(tmp_path)
    runs = [folder.calibrate({f"group-{index}": 700}) for index in range(12)]

    def publish_one(run_id: str) -> None:
        publish(folder.storage, PRESETS, run_id, by=PublishedBy.AUTOMATIC, reason="")

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(publish_one, runs))
    assert len(read_publications(folder.storage, MAIN)) == 12
    newest = history(folder.storage, MAIN)[-1].run_id
    by_group = {f"group-{index}": run_id for index, run_id in enumerate(runs)}
    assert folder.runs == {"*": newest, **by_group}


def test_a_record_counts_though_another_machines_clock_runs_ahead(tmp_path):
    folder = Folder(tmp_path)
    folder.publish({"ivr": 700})
    ahead = history(folder.storage, MAIN)[-1].published_at + timedelta(hours=3)
    folder.calibrate({"ivr": 100}, "run-2")
    record = Publication(
        runs={"*": "run-2", "ivr": "run-2"},
        published_at=ahead,
        by=PublishedBy.AUTOMATIC,
        reason="",
    )
    write_publication(folder.storage, MAIN, record)
    folder.publish({"ivr": 3_000}, run_id="run-3")
    assert folder.runs == {"*": "run-3", "ivr": "run-3"}
    assert history(folder.storage, MAIN)[-1].published_at > ahead
