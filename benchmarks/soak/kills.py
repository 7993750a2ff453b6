"""Runs killed with SIGKILL at random moments, two side by side on one batch, until all is done.

Half of the runs die at a step of their own choosing (so many uploads, answers or writes after
their begin), half after a random time, wherever they are by then. A batch that is done is
compared with one that nobody disturbed, and the next one begins.
"""

import os
import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path

from benchmarks.soak.forks import PATIENCE_S, Fork, in_fork
from benchmarks.soak.night import run_night
from benchmarks.soak.place import (
    Patience,
    Place,
    content_ids,
    jobs_of,
    lost_transcripts,
    make_recordings,
)
from benchmarks.soak.report import Report
from benchmarks.soak.rows import Rows, all_rows, differences
from benchmarks.soak.service import Service

SIDE_BY_SIDE = 2
_MOST_STEPS = 80
_MOST_TABLE_STEPS = 14
_LAST_LIVES = 8
_LONGEST_S = 0.8
_DONE = "done"


@dataclass(frozen=True, slots=True)
class Fate:
    """When a run dies: before its step of that number, or after so many seconds."""

    steps: int | None
    after_s: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done.

    Attributes:
        calls: The folder of recordings.
        expected: The rows that a run leaves which nobody kills.
        kills: How many runs are to be killed in all.
    """

    calls: Path
    expected: dict[str, Rows]
    kills: int


@dataclass(slots=True)
class Found:
    """What the kills brought out."""

    kills: int = 0
    whole: int = 0
    batches: int = 0
    fell: Counter[str] = field(default_factory=Counter)
    twice: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    hung: list[str] = field(default_factory=list)


def soak_kills(kills: int, recordings: int, seed: int) -> Report:
    """Kills runs over batches of recordings until there were enough, and checks each batch."""
    report = Report(f"kills: {recordings} recordings a batch, seed {seed}")
    found = Found()
    folder = Path(tempfile.mkdtemp(prefix="fermata-soak-kills-"))
    try:
        calls = folder / "recordings"
        make_recordings(calls, recordings, random.Random(seed))
        plan = Plan(calls, _undisturbed(calls, folder / "undisturbed"), kills)
        chance = random.Random(seed)
        while found.kills < kills:
            _one_batch(plan, folder / f"batch-{found.batches}", chance, found)
            found.batches += 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _tell(report, found)
    return report.close()


def _tell(report: Report, found: Found) -> None:
    report.say(
        f"{found.kills:,} kills over {found.batches} batches, {SIDE_BY_SIDE} runs side by side; "
        f"{found.whole} runs came to their end"
    )
    fell = ", ".join(f"{name} {count}" for name, count in found.fell.most_common())
    report.say(f"they fell after: {fell}")
    report.none_of("submitted twice", found.twice)
    report.none_of("rows doubled", found.doubled)
    report.none_of("rows missing", found.missing)
    report.none_of("transcripts lost", found.lost)
    report.none_of("recordings not completed", found.unsettled)
    report.none_of("foreign exceptions", found.foreign)
    report.none_of("errors told", found.told)
    report.none_of("runs hung", found.hung)


def _undisturbed(calls: Path, data: Path) -> dict[str, Rows]:
    """The rows that a run leaves which nobody kills."""
    with Service(calls) as service:
        place = Place(calls, data, service.url)
        night = in_fork(run_night, place, "undisturbed", Patience())
        assert not night.told, night.told
        assert not night.foreign, night.foreign
    return dict(in_fork(_rows_at, place))


def _rows_at(place: Place) -> dict[str, Rows]:
    return all_rows(place.storage)


def _one_batch(plan: Plan, data: Path, chance: random.Random, found: Found) -> None:
    """Kills runs until the batch is done, and a last one is left alone."""
    with Service(plan.calls) as service:
        place = Place(plan.calls, data, service.url)
        lives = last_lives = 0
        while not in_fork(_is_done, place) and found.kills < plan.kills:
            ends = in_fork(_is_settled, place)
            last_lives += ends
            fates = [_fate(chance, ends=ends) for _ in range(SIDE_BY_SIDE)]
            if last_lives > _LAST_LIVES:
                break
            names = [f"run-{lives}-{number}" for number in range(SIDE_BY_SIDE)]
            _live(place, dict(zip(names, fates, strict=True)), found)
            lives += 1
        _note_night(found, in_fork(run_night, place, "the-last", Patience()), "the last run")
        _check(service, place, plan.expected, found)
        place.lose_ledger()
        night = in_fork(run_night, place, "without-ledger", Patience())
        _note_night(found, night, "the run without its ledger")
        _check(service, place, plan.expected, found)
    shutil.rmtree(data, ignore_errors=True)


def _is_settled(place: Place) -> bool:
    jobs = jobs_of(place)
    return bool(jobs) and all(job.settled for job in jobs)


def _is_done(place: Place) -> bool:
    jobs = jobs_of(place)
    return bool(jobs) and all(job.tabled_at is not None for job in jobs)


def _fate(chance: random.Random, *, ends: bool) -> Fate:
    """Soon rather than late, so that many runs die early; at the end amid the tables."""
    if ends:
        return Fate(chance.randint(3, _MOST_TABLE_STEPS), None)
    if chance.random() < 0.5:  # noqa: PLR2004 - half of them
        return Fate(int(_MOST_STEPS ** chance.random()), None)
    return Fate(None, _LONGEST_S * chance.random() ** 2)


def _live(place: Place, fates: dict[str, Fate], found: Found) -> None:
    """Starts the runs at once, and waits for the end of each."""
    for name in fates:
        _trace(place, name).touch()
    lives = {name: Fork(_mortal_run, place, name, fate.steps) for name, fate in fates.items()}
    begun_s = time.monotonic()
    for name in sorted(lives, key=lambda name: fates[name].after_s or PATIENCE_S):
        due_s = fates[name].after_s
        allowed_s = PATIENCE_S if due_s is None else due_s
        left_s = max(0.0, begun_s + allowed_s - time.monotonic())
        ended = wait([lives[name].sentinel], left_s)
        if due_s is None and not ended:
            found.hung.append(f"{name}: no end within {PATIENCE_S:g} s")
        with lives[name] as life:
            life.kill()
            _note_life(found, name, life, place)


def _note_life(found: Found, name: str, life: Fork, place: Place) -> None:
    trace = _trace(place, name)
    last = trace.read_text().splitlines()[-1:] or ["begun"]
    trace.unlink()
    if last == [_DONE]:
        found.whole += 1
        _note_night(found, life.answer(), name)
    elif life.was_killed:
        found.kills += 1
        found.fell[last[0]] += 1
    else:
        found.foreign.append(f"{name}: ended by itself after {last[0]}")


def _note_night(found: Found, night: object, name: str) -> None:
    found.foreign += [f"{name}: {each}" for each in night.foreign]  # type: ignore[attr-defined]
    found.told += [f"{name}: {each}" for each in night.told]  # type: ignore[attr-defined]


def _trace(place: Place, name: str) -> Path:
    return place.data.with_name(f"{place.data.name}-{name}.txt")


def _mortal_run(pipe: Connection, place: Place, name: str, dies_at: int | None) -> None:
    """A run that writes down each step, and dies before one of them."""
    steps = 0
    trace = os.open(_trace(place, name), os.O_WRONLY | os.O_APPEND)

    def step(what: str) -> None:
        nonlocal steps
        steps += 1
        if steps == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        os.write(trace, f"{what}\n".encode())

    night = run_night(place, name, Patience(), step)
    pipe.send(night)
    os.write(trace, f"{_DONE}\n".encode())


def _check(service: Service, place: Place, expected: dict[str, Rows], found: Found) -> None:
    """Compares a batch that is done with the books of the server and with an undisturbed one."""
    batch = place.data.name
    books = service.books["billed"]
    found.twice += [f"{batch}: {each}: {n} times" for each, n in books.items() if n > 1]
    doubled, missing = differences(in_fork(_rows_at, place), expected)
    found.doubled += [f"{batch}: {row}" for row in doubled]
    found.missing += [f"{batch}: {row}" for row in missing]
    found.lost += [f"{batch}: {each}" for each in in_fork(lost_transcripts, place)]
    states = {job.key.recording_id: job for job in in_fork(jobs_of, place)}
    for content in content_ids(place.recordings):
        job = states.get(content)
        if job is None or job.state != "completed":
            found.unsettled.append(f"{batch}: {job.name if job else content}: {job and job.state}")
