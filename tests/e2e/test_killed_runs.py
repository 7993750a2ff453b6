"""Runs that are killed, and runs at the same time: no recording is submitted a second time.

The service lives in the test's process and counts what it accepts. Each killed run is followed
by the next one on the same folder, into which new recordings have come meanwhile, so every run
has something to submit, something to poll and something to remember.
"""

import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest

from fermata.ledger import JobState, Ledger
from fermata.localserver import LocalServer, LocalServerConfig, parse_fault
from fermata.localserver.faults import Place
from tests.e2e.command_line import CommandLine, Running
from tests.flows.conversations import Conversations
from tests.flows.seen import eventually

# A run asks the service once whether it is there, sends each of three recordings in two requests,
# and polls for them: thirteen requests see it to its end.
KILLS = 13
NEW_PER_RUN = 3
MOST_RECORDINGS = 3 * KILLS * NEW_PER_RUN
LONGEST_DELAY_S = 0.3
LOOK_EVERY_S = 0.01
LEASE_S = 2
# Here the list is always complete, so what is not in it was never accepted.
DOUBT_S = 0.5
# Short enough to be hit by few moments, long enough to be hit at all.
SUBMIT_STALL_S = 0.2
PROCESSING_S = 0.3
HELD_S = 60

pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.timeout(300)]


@dataclass
class Night:
    """A service that counts, a folder that fills, and a command that is killed."""

    server: LocalServer
    fermata: CommandLine
    known: Path
    inbox: Path
    delivered: list[Path] = field(default_factory=list)

    def deliver(self, count: int) -> None:
        """Puts new recordings into the folder."""
        for path in sorted(self.known.glob("*.wav"))[len(self.delivered) :][:count]:
            self.delivered.append(Path(shutil.copy(path, self.inbox)))

    def start(self) -> Running:
        return self.fermata.start("calibrate", self.inbox, "--json")

    def start_with_new(self) -> Running:
        self.deliver(NEW_PER_RUN)
        return self.start()

    def kill_after(self, requests: int, seconds: float) -> bool:
        """Starts a run with new recordings; kills it so long after so many of its requests.

        Says whether it was still running.
        """
        before = self.server.store.requests.total()
        running = self.start_with_new()
        while self.server.store.requests.total() < before + requests:
            if running.wait_at_most(LOOK_EVERY_S):
                return False
        if running.wait_at_most(seconds):
            return False
        running.kill()
        return True

    def kill_as_soon_as(self, happened: Callable[[], bool]) -> None:
        """Starts a run with new recordings and kills it in a known moment."""
        running = self.start_with_new()
        eventually(lambda: happened() or None)
        assert not running.ended
        running.kill()

    def assert_all_is_well(self) -> None:
        """Runs to the end: everything analysed, submitted once, archived, in the tables once."""
        ended = self.start().wait()
        assert ended.code == 0, ended.stderr
        count = len(self.delivered)
        result = ended.json
        assert result["summary"] == f"{count} of {count} analysed"
        ids = sorted(each["recording_id"] for each in result["recordings"])
        assert self.server.store.submissions == dict.fromkeys(ids, 1)
        rows = pd.read_parquet(self.fermata.data_dir / "recordings")
        assert sorted(rows["recording_id"]) == ids
        gaps = pd.read_parquet(self.fermata.data_dir / "gaps")
        assert not gaps.duplicated(["recording_id", "index"]).any()
        assert sorted(gaps["recording_id"].unique()) == ids
        archived = (self.fermata.data_dir / "transcripts").glob("*.json.gz")
        assert sorted(path.name.partition(".")[0] for path in archived) == ids


@pytest.fixture
def night(conversations: Conversations, tmp_path: Path) -> Iterator[Night]:
    conversations.add_many(MOST_RECORDINGS)
    config = LocalServerConfig(
        references=conversations.folder,
        processing_time_s=PROCESSING_S,
        concurrency=MOST_RECORDINGS,
        faults=(parse_fault(f"submit:stall_s={SUBMIT_STALL_S}"),),
    )
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    with LocalServer(config) as server:
        fermata = CommandLine(
            tmp_path / "elsewhere",
            FERMATA_CLAIM_LEASE_S=LEASE_S,
            FERMATA_SUBMISSION_DOUBT_S=DOUBT_S,
        )
        fermata.use(server)
        yield Night(server, fermata, conversations.folder, inbox)


@pytest.mark.soak
def test_a_run_killed_at_any_moment_submits_nothing_a_second_time(night: Night) -> None:
    dice = random.Random(20_261_121)
    # A run's progress is told by its requests, so that a slow machine hits the same phases.
    moments = [(requests, dice.random() * LONGEST_DELAY_S) for requests in range(KILLS)]
    dice.shuffle(moments)
    killed = sum(night.kill_after(*moment) for moment in moments)
    while killed < KILLS and len(night.delivered) < MOST_RECORDINGS:
        # Another one for each run that had ended before.
        killed += night.kill_after(dice.randrange(KILLS), dice.random() * LONGEST_DELAY_S)
    assert killed == KILLS
    night.assert_all_is_well()


def test_a_run_killed_in_the_worst_moments_submits_nothing_a_second_time(night: Night) -> None:
    store, faults = night.server.store, night.server.faults
    # Uploaded, and the answer not yet there.
    faults.clear()
    faults.add(parse_fault(f"upload:stall_s={HELD_S}"))
    night.kill_as_soon_as(lambda: store.uploads_per_content.total() == NEW_PER_RUN)
    # Accepted, and the answer not yet there: only the service knows.
    faults.clear()
    faults.add(parse_fault(f"submit:stall_s={HELD_S}"))
    night.kill_as_soon_as(lambda: store.submissions.total() == 2 * NEW_PER_RUN)
    with Ledger(f"sqlite:///{night.fermata.data_dir / 'ledger.sqlite'}") as ledger:
        in_doubt = [job for job in ledger.open_jobs("assemblyai") if job.attempted_ago_s]
    assert {job.key.recording_id for job in in_doubt} == set(store.submissions)
    assert {job.state for job in in_doubt} == {JobState.UPLOADED}
    # Asked for, and the answer not yet there.
    faults.clear()
    faults.add(parse_fault(f"poll:stall_s={HELD_S}"))
    night.kill_as_soon_as(lambda: store.requests[Place.POLL] > 0)
    faults.clear()
    night.assert_all_is_well()


def test_two_runs_at_once_on_one_folder_submit_each_recording_once(night: Night) -> None:
    night.deliver(12)
    both = [night.start(), night.start()]
    for ended in [running.wait() for running in both]:
        assert ended.code == 0, ended.stderr
        assert ended.json["summary"] == "12 of 12 analysed"
    night.assert_all_is_well()


def test_a_second_run_takes_over_from_one_killed_while_it_waits(night: Night) -> None:
    faults = night.server.faults
    faults.add(parse_fault(f"upload:stall_s={HELD_S},times={NEW_PER_RUN}"))
    night.deliver(NEW_PER_RUN)
    first = night.start()
    eventually(lambda: night.server.store.uploads_per_content.total() == NEW_PER_RUN or None)
    second = night.start()
    first.kill()
    assert second.wait().json["summary"] == f"{NEW_PER_RUN} of {NEW_PER_RUN} analysed"
    night.assert_all_is_well()
