"""A recording, a ledger and a client, wired to one local server."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fermata.assemblyai import (
    AssemblyAIClient,
    MultichannelMode,
    RetryPolicy,
    TranscriptOptions,
    options_for,
)
from fermata.ledger import Job, JobKey, Ledger, PlannedJob
from fermata.localserver import LocalServer, parse_fault
from fermata.recordings import Recording, open_content
from fermata.transcription import (
    DoubtPolicy,
    Outcome,
    PollPolicy,
    PollResult,
    Submission,
    SubmitPolicy,
    poll,
    submit_once,
)

KEY = "a-key-that-must-not-leak"
RETRY = RetryPolicy(attempts=3, total_s=200, wait_initial_s=0.01, wait_max_s=0.02)
SUBMIT = SubmitPolicy(
    lease_s=30,
    look_every_s=0.02,
    retry=RETRY,
    doubt=DoubtPolicy(believed_s=0.3, call_looks_s=200, longest_pause_s=0.02),
)
POLL = PollPolicy(interval_s=0.02, interval_max_s=0.04, deadline_base_s=200)


def recording_of(path: Path) -> Recording:
    content = path.read_bytes()
    return Recording(
        recording_id=hashlib.sha256(content).hexdigest(),
        uri=str(path),
        name=path.name,
        group="default",
        fingerprint="",
        size_bytes=len(content),
        duration_s=3.0,
        channels=1,
    )


def web_recording(url: str) -> Recording:
    return Recording(
        recording_id=hashlib.sha256(url.encode()).hexdigest(),
        uri=url,
        name="talk.wav",
        group="default",
        fingerprint=url,
        size_bytes=None,
        duration_s=None,
        channels=None,
    )


def options_of(engine: str = "assemblyai") -> TranscriptOptions:
    return options_for(
        1,
        MultichannelMode.AUTO,
        engine=engine,
        speech_models=("universal-2",),
        language_detection=False,
    )


def client_of(url: str, **changes: Any) -> AssemblyAIClient:
    return AssemblyAIClient(url, KEY, **{"retry": RETRY, **changes})


@dataclass(slots=True)
class Bench:
    """What a run has in hand."""

    server: LocalServer
    client: AssemblyAIClient
    ledger: Ledger
    options: TranscriptOptions = field(default_factory=options_of)
    archived: dict[JobKey, bytes] = field(default_factory=dict)
    told: list[Outcome] = field(default_factory=list)

    def plan(self, *recordings: Recording) -> None:
        self.ledger.plan(self._planned(recording) for recording in recordings)

    def submit(self, recording: Recording, **changes: Any) -> Submission | Outcome:
        parts = {
            "client": self.client,
            "ledger": self.ledger,
            "open_content": open_content,
            "policy": SUBMIT,
            **changes,
        }
        return submit_once(recording, self.options, **parts)

    def sent(self, recording: Recording, **changes: Any) -> Submission:
        done = self.submit(recording, **changes)
        assert isinstance(done, Submission), done
        return done

    def failed(self, recording: Recording, **changes: Any) -> Outcome:
        done = self.submit(recording, **changes)
        assert isinstance(done, Outcome), done
        return done

    def poll(self, **changes: Any) -> PollResult:
        parts = {
            "client": self.client,
            "ledger": self.ledger,
            "archive": self.archived.__setitem__,
            "policy": POLL,
            "on_settled": self.told.append,
            **changes,
        }
        return poll(self.ledger.open_jobs(self.options.engine), **parts)

    def outcome(self, **changes: Any) -> Outcome:
        (outcome,) = self.poll(**changes).settled
        return outcome

    def job(self, recording: Recording) -> Job:
        return self.ledger.job(JobKey(recording.recording_id, self.options.options_hash))

    def fault(self, text: str) -> None:
        self.server.faults.add(parse_fault(text))

    @property
    def submissions(self) -> list[int]:
        """How many submissions were accepted of each content."""
        return list(self.server.store.submissions.values())

    @property
    def uploads(self) -> int:
        return sum(self.server.store.uploads_per_content.values())

    def _planned(self, recording: Recording) -> PlannedJob:
        return PlannedJob(
            key=JobKey(recording.recording_id, self.options.options_hash),
            name=recording.name,
            uri=recording.uri,
            group=recording.group,
            engine=self.options.engine,
            speech_models=self.options.speech_models,
            duration_s=recording.duration_s,
            channels=recording.channels,
            batch="2026-11-21",
            run_id="run-1",
        )
