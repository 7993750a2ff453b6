"""A reprocessing that is killed leaves tables that are whole, and the next one the same rows."""

from pathlib import Path

import pytest

from tests.e2e.command_line import CommandLine
from tests.flows.conversations import Conversations
from tests.flows.running import FlowRunner, StartServer

BATCHES = 2
PER_BATCH = 3
LOOK_EVERY_S = 0.01

pytestmark = pytest.mark.timeout(180)


def view_files(data_dir: Path) -> list[Path]:
    """The files of the tables that follow from ledger and archive."""
    of_runs = {"calibrations", "calibrated_recordings"}
    return [path for path in data_dir.rglob("*.parquet") if path.parent.name not in of_runs]


def test_rows_are_the_same_after_a_kill_in_mid_run_and_after_the_next_run(
    conversations: Conversations, serve: StartServer, flows: FlowRunner, tmp_path: Path
) -> None:
    for batch in range(BATCHES):
        conversations.add_many(PER_BATCH, f"day-{batch}/call-{batch}")
    serve()
    for batch in range(BATCHES):
        folder = conversations.folder / f"day-{batch}"
        assert flows.calibrate(folder, scope="calls").state.is_completed()
    before = {path: path.read_bytes() for path in view_files(flows.data_dir)}
    inodes = {path: path.stat().st_ino for path in before}
    fermata = CommandLine(tmp_path / "elsewhere", FERMATA_DATA_DIR=flows.data_dir)

    running = fermata.start("reprocess", "--json")
    while all(path.stat().st_ino == inodes[path] for path in before):
        assert not running.wait_at_most(LOOK_EVERY_S), running.stderr
    running.kill()
    assert {path: path.read_bytes() for path in view_files(flows.data_dir)} == before

    ended = fermata.run("reprocess", "--json")
    assert ended.code == 0, ended.stderr
    assert ended.json["summary"] == f"{BATCHES * PER_BATCH} of {BATCHES * PER_BATCH} analysed"
    assert {path: path.read_bytes() for path in view_files(flows.data_dir)} == before
