"""Where a batch lives, how patient its runs are, and what is known of it from outside."""

import hashlib
import json
import random
from dataclasses import dataclass
from pathlib import Path

from fermata.archive import TranscriptArchive
from fermata.assemblyai import MultichannelMode, RetryPolicy, options_for
from fermata.assemblyai.options import TranscriptOptions
from fermata.assemblyai.transport import Timeouts
from fermata.errors import FermataError
from fermata.ledger import Job, JobKey, JobState, Ledger, in_file
from fermata.storage import Storage
from fermata.transcription import DoubtPolicy, PollPolicy, SubmitPolicy
from tests.flows.conversations import Conversations

ENGINE = "assemblyai"
_LONGEST_GAP_MS = 3_000
_MOST_TURNS = 12


@dataclass(frozen=True, slots=True)
class Place:
    """Where a batch lives.

    Attributes:
        recordings: The folder of its recordings.
        data: The data folder.
        url: The service.
    """

    recordings: Path
    data: Path
    url: str

    @property
    def storage(self) -> Storage:
        """The data folder."""
        return Storage(str(self.data))

    def lose_ledger(self) -> None:
        """Deletes the ledger, as a disk does that fails."""
        for path in self.data.glob("ledger.sqlite*"):
            path.unlink()

    def ledger(self) -> Ledger:
        """The ledger, to be closed."""
        self.data.mkdir(parents=True, exist_ok=True)
        return Ledger(in_file(str(self.data / "ledger.sqlite")))


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a run waits for what; short, because all is near."""

    lease_s: float = 0.4
    believed_s: float = 0.4
    run_looks_s: float = 60.0
    call_looks_s: float = 60.0
    look_every_s: float = 0.02
    answer_s: float = 20.0
    poll_deadline_s: float = 60.0

    @property
    def timeouts(self) -> Timeouts:
        """Of the client."""
        return Timeouts(connect_s=10.0, answer_s=self.answer_s, upload_answer_s=self.answer_s)

    @property
    def retry(self) -> RetryPolicy:
        """Of the client."""
        return RetryPolicy(
            attempts=3, total_s=60.0, wait_initial_s=0.01, wait_max_s=0.05, retry_after_max_s=0.05
        )

    @property
    def doubt(self) -> DoubtPolicy:
        """Of submissions whose answer was lost."""
        return DoubtPolicy(
            believed_s=self.believed_s,
            run_looks_s=self.run_looks_s,
            call_looks_s=self.call_looks_s,
            longest_pause_s=self.look_every_s,
        )

    @property
    def submit(self) -> SubmitPolicy:
        """Of submissions."""
        return SubmitPolicy(
            lease_s=self.lease_s,
            look_every_s=self.look_every_s,
            busy_s=60.0,
            attempts=2,
            retry=self.retry,
            doubt=self.doubt,
        )

    @property
    def poll(self) -> PollPolicy:
        """Of polling."""
        return PollPolicy(
            interval_s=0.05,
            interval_max_s=0.1,
            deadline_base_s=self.poll_deadline_s,
            deadline_per_audio_s=0.0,
            retry_after_max_s=0.05,
        )


def make_recordings(folder: Path, count: int, chance: random.Random, prefix: str = "") -> None:
    """Recordings with transcripts beside them, for the run and for the server.

    Their content follows from their names, so another prefix makes others.
    """
    conversations = Conversations(folder)
    for number in range(count):
        turns = chance.randint(1, _MOST_TURNS)
        gaps_ms = [chance.randint(-300, _LONGEST_GAP_MS) for _ in range(turns)]
        conversations.add(f"group{number % 3}/call-{prefix}{number:04d}.wav", gaps_ms)


def wanted(channels: int | None) -> TranscriptOptions:
    """What every transcript is asked for with."""
    return options_for(
        channels,
        MultichannelMode.AUTO,
        engine=ENGINE,
        speech_models=("universal-2",),
        language_detection=False,
    )


def jobs_of(place: Place) -> list[Job]:
    """Every job of a batch, as the ledger knows it."""
    with place.ledger() as ledger:
        keys = [JobKey(each, wanted(1).options_hash) for each in content_ids(place.recordings)]
        return list(ledger.jobs(keys).values())


def content_ids(recordings: Path) -> list[str]:
    """The contents of a batch."""
    paths = sorted(recordings.rglob("*.wav"))
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]


def lost_transcripts(place: Place) -> list[str]:
    """Completed jobs whose transcript isn't in the archive, or is another one."""
    archive = TranscriptArchive(place.storage)
    return [
        f"{job.name}: {job.state}"
        for job in jobs_of(place)
        if job.state is JobState.COMPLETED and not _is_archived(archive, job)
    ]


def _is_archived(archive: TranscriptArchive, job: Job) -> bool:
    try:
        raw = archive.raw(job.key.recording_id, job.key.options_hash)
    except FermataError:
        return False
    return bool(json.loads(raw)["id"] == job.transcript_id)
