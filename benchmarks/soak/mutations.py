"""Hostile transcripts through reading and tabulating: no foreign exception, no impossible figure.

Each is first read as the client reads an answer, and then, whatever that said, put into an
archive and tabulated: an archive may hold what an earlier version took.
"""

import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from benchmarks.soak.forks import HungError, in_fork
from benchmarks.soak.hostile import DURATION_S, SECOND_MS, hostile
from benchmarks.soak.report import Report
from fermata.archive import TranscriptArchive
from fermata.assemblyai.models import TranscriptAnswer
from fermata.ledger import Job, JobKey, JobState
from fermata.runs.readings import TABLES
from fermata.runs.tabulate import tabulate
from fermata.storage import Storage
from fermata.tables import RECORDINGS

_AT_ONCE = 50
_ALLOWED_S = 60.0
_SLACK_MS = 2_000
"""A recogniser may hear a last word end a moment after the audio: durations are rounded."""

_A_DAY_S = 86_400
_WITHOUT_LENGTH = 0.2


@dataclass(slots=True)
class Found:
    """What the transcripts brought out."""

    refused: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    foreign: list[str] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    def note(self, number: int, error: Exception) -> None:
        """An exception that nobody should see."""
        kind = type(error).__name__
        self.kinds[kind] += 1
        text = str(error).partition("\n")[0][:120]
        self.foreign.append(f"transcript {number}: {kind}: {text}")

    def add(self, other: "Found") -> None:
        """Takes in what others brought out."""
        self.refused += other.refused
        self.statuses += other.statuses
        self.foreign += other.foreign
        self.impossible += other.impossible
        self.kinds += other.kinds


def soak_mutations(count: int, seed: int) -> Report:
    """Reads and tabulates so many hostile transcripts."""
    report = Report(f"transcripts: seed {seed}")
    found = Found()
    for first in range(0, count, _AT_ONCE):
        _some(seed, range(first, min(first + _AT_ONCE, count)), found)
    report.say(f"{count:,} hostile transcripts; {found.refused:,} not even an answer")
    report.say(", ".join(f"{name} {n:,}" for name, n in found.statuses.most_common()))
    report.none_of("foreign exceptions", found.foreign)
    if found.kinds:
        report.say("of these: " + ", ".join(f"{k} {n}" for k, n in found.kinds.most_common()))
    report.none_of("recordings with impossible figures", found.impossible)
    return report.close()


def _some(seed: int, numbers: Sequence[int], found: Found) -> None:
    """Looks at some in a process of their own; at each in one where that hangs or crashes."""
    try:
        found.add(in_fork(_looked_at, seed, numbers, timeout_s=_ALLOWED_S))
    except (HungError, EOFError) as error:
        if len(numbers) == 1:
            found.note(numbers[0], error)
            return
        for number in numbers:
            _some(seed, [number], found)


def _looked_at(seed: int, numbers: Sequence[int]) -> Found:
    """What reading them and tabulating them as one batch brings out."""
    found = Found()
    for number in numbers:
        if isinstance(error := _read(_raw(seed, number)), ValidationError):
            found.refused += 1
        elif isinstance(error, Exception):
            found.note(number, error)
    _tabulate(seed, numbers, found)
    return found


def _tabulate(seed: int, numbers: Sequence[int], found: Found) -> None:
    """Tabulates them together; each alone where that fails, to know which it was."""
    try:
        tables = _tabulated(seed, numbers)
    except Exception as error:  # noqa: BLE001 - the figure asked for
        if len(numbers) == 1:
            found.note(numbers[0], error)
            return
        for number in numbers:
            _tabulate(seed, [number], found)
        return
    found.statuses.update(tables[RECORDINGS.name]["status"].to_pylist())
    found.impossible += _impossible(seed, tables)


@lru_cache(maxsize=2 * _AT_ONCE)
def _raw(seed: int, number: int) -> bytes:
    return hostile(seed, number)


def _read(raw: bytes) -> TranscriptAnswer | Exception:
    try:
        return TranscriptAnswer.model_validate_json(raw)
    except Exception as error:  # noqa: BLE001 - the figure asked for
        return error


@dataclass(frozen=True, slots=True)
class _Settled:
    """A ledger of these jobs alone."""

    jobs: tuple[Job, ...]

    def settled_in(self, _batch: str) -> tuple[Job, ...]:
        return self.jobs

    def mark_tabled(self, _jobs: object) -> None:
        """Nobody asks."""


def _tabulated(seed: int, numbers: Sequence[int]) -> dict[str, pa.Table]:
    storage = Storage("memory://soak")
    archive = TranscriptArchive(storage)
    jobs = tuple(_job(seed, number) for number in numbers)
    for number, job in zip(numbers, jobs, strict=True):
        archive.write(job.key.recording_id, job.key.options_hash, _raw(seed, number))
    try:
        ledger: Any = _Settled(jobs)
        tabulate("batch", storage, ledger)
        return {
            table.name: pq.read_table(BytesIO(storage.read(f"{table.name}/batch.parquet")))
            for table in TABLES
        }
    finally:
        storage.filesystem.store.clear()


def _job(seed: int, number: int) -> Job:
    """A completed job; of some nobody knew the length, so the ledger has what the service said."""
    duration_s: float | None = DURATION_S
    if random.Random(f"length-{seed}-{number}").random() < _WITHOUT_LENGTH:
        answer = _read(_raw(seed, number))
        duration_s = answer.audio_duration if isinstance(answer, TranscriptAnswer) else None
    now = datetime(2026, 11, 21, tzinfo=UTC)
    return Job(
        key=JobKey(f"{number:064x}", "options"),
        state=JobState.COMPLETED,
        name=f"call-{number}.wav",
        uri=f"/calls/call-{number}.wav",
        group="default",
        engine="assemblyai",
        speech_models=("universal-2",),
        duration_s=duration_s,
        channels=1 + number % 2,
        batch="batch",
        run_id="soak",
        service="https://api.example.com",
        upload_url=None,
        attempted_ago_s=None,
        transcript_id=f"transcript-{number}",
        reason=None,
        permanent=False,
        planned_at=now,
        submitted_at=now,
        settled_at=now,
        tabled_at=None,
    )


def _impossible(seed: int, tables: dict[str, pa.Table]) -> list[str]:
    """One line for each recording with a figure that its length forbids."""
    found: dict[int, str] = {}
    for name, table in tables.items():
        for row in table.to_pylist():
            number = int(row["recording_id"], 16)
            for problem in _problems(row, _longest_ms(seed, number)):
                found.setdefault(number, f"transcript {number}: {name}: {problem}")
    return list(found.values())


@lru_cache(maxsize=2 * _AT_ONCE)
def _longest_ms(seed: int, number: int) -> float:
    """How far a time may lie: the longer counts of what file and service say; else a day."""
    answer = _read(_raw(seed, number))
    told_s = answer.audio_duration if isinstance(answer, TranscriptAnswer) else None
    lengths_s = [length for length in (_job(seed, number).duration_s, told_s) if length is not None]
    return max(lengths_s, default=_A_DAY_S) * SECOND_MS + _SLACK_MS


def _problems(row: dict[str, Any], longest_ms: float) -> Iterator[str]:
    for name, value in row.items():
        if isinstance(value, int | float) and not _is_possible(name, value, longest_ms):
            yield f"{name} = {value:g}"
    start, end = row.get("start_ms"), row.get("end_ms")
    if start is not None and end is not None and not 0 <= start <= end:
        yield f"from {start} to {end} ms"


def _is_possible(name: str, value: float, longest_ms: float) -> bool:
    """Whether a figure can be true of a recording of this length."""
    if not math.isfinite(value):
        return False
    if name == "duration_s":
        return value >= 0
    return not name.endswith("_ms") or abs(value) <= longest_ms
