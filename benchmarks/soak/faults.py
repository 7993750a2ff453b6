"""Every fault of every endpoint of the pre-recorded service, at each request and at 30 %.

A batch is run while the fault lasts, once more, and then without it until nothing is left to
do. Whatever was told meanwhile, nothing may be billed twice, and all must be transcribed that
the fault did not refuse for good.
"""

import random
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import islice, product
from pathlib import Path
from typing import TypeVar

from benchmarks.soak.calls import PLACES, call
from benchmarks.soak.forks import HungError, in_fork
from benchmarks.soak.night import Night, run_night
from benchmarks.soak.place import Patience, Place, content_ids, jobs_of, make_recordings
from benchmarks.soak.report import Report
from benchmarks.soak.rows import rows_of
from benchmarks.soak.service import Service
from fermata.ledger import Job, JobState
from fermata.localserver import Fault, parse_fault
from fermata.runs.readings import TABLES

T = TypeVar("T")

SOMETIMES = 0.3
_REQUESTS = 400
"""More than a batch has of any kind while a fault is planned for some of them."""

_STALL_S = 1.2
_LATE_S = 2.0
# An answer is given up sooner than a stall ends. A list is complete later than a run looks for
# what it has in doubt, and sooner than what is not listed is believed not to be accepted.
_PATIENCE = Patience(
    lease_s=1.0,
    believed_s=4.0,
    run_looks_s=0.8,
    call_looks_s=0.2,
    answer_s=0.6,
    poll_deadline_s=2.0,
)
_MOST_NIGHTS = 12
_NIGHT_S = 120.0

_STATUSES = (400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529)
_ANSWERS = (
    *(f"status={status}" for status in _STATUSES),
    "status=429,retry_after=0",
    "status=429,retry_after=86400",
    "status=503,retry_after_date=60",
    "status=400,text=Your current account balance is negative",
    "html=200",
    "html=502",
    "reset=before",
    "reset=after",
    "truncate=json",
    "truncate=body",
    f"stall_s={_STALL_S}",
)
_ENDPOINTS = ("upload", "submit", "poll")
_NEVER = "job:outcome=never"
_JOBS = (
    "job:outcome=error",
    "job:outcome=error,text=Audio duration is too short.",
    "job:outcome=error,text=Download error",
    _NEVER,
)
_REFUSED = (
    "upload:status=413",
    "submit:status=413",
    "job:outcome=error,text=Audio duration is too short.",
)
_LATE = f"listed:late_s={_LATE_S}"
_TOGETHER = (
    ("submit:reset=after", _LATE),
    ("submit:truncate=json", _LATE),
    ("submit:truncate=body", _LATE),
    (f"submit:stall_s={_STALL_S}", _LATE),
    ("submit:reset=after", "poll:reset=after", "upload:reset=after"),
    ("submit:status=503", "poll:status=503", "upload:status=503"),
)

Case = tuple[str, ...]
"""Faults that strike together."""


def all_cases() -> tuple[Case, ...]:
    """Every fault; the list is only asked about submissions whose answers were lost."""
    alone = [(f"{place}:{answer}",) for place in _ENDPOINTS for answer in _ANSWERS]
    listing = [(f"list:{answer}", "submit:reset=after") for answer in _ANSWERS]
    return (*alone, *listing, *((job,) for job in _JOBS), *_TOGETHER)


@dataclass(slots=True)
class Found:
    """What the faults brought out."""

    cases: int = 0
    calls: int = 0
    nights: int = 0
    twice: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    hung: list[str] = field(default_factory=list)
    told: set[str] = field(default_factory=set)


def soak_faults(recordings: int, every: int, seed: int) -> Report:
    """Runs a batch through each fault, at each request and at some.

    Args:
        recordings: In a batch.
        every: Takes one fault of so many; 1 for all.
        seed: Of what is left to chance.
    """
    report = Report(f"faults: {recordings} recordings a batch, seed {seed}")
    found, chance = Found(), random.Random(seed)
    folder = Path(tempfile.mkdtemp(prefix="fermata-soak-faults-"))
    cases = _some_of(product(all_cases(), (1.0, SOMETIMES)), every, seed)
    calls = _some_of(product(PLACES, _ANSWERS, (1.0, SOMETIMES)), every, seed)
    try:
        for number in range(len(cases)):
            make_recordings(folder / "calls" / str(number), recordings, chance, f"{number}-")
        with Service(folder / "calls", concurrency=50) as service:
            for number, (case, share) in enumerate(cases):
                place = Place(folder / "calls" / str(number), folder / str(number), service.url)
                name = f"{' + '.join(case)} at {share:.0%}"
                service.plan(_planned(case, share, random.Random(f"{seed} {name}")))
                _one_case(case, name, service, place, found)
            for endpoint, answer, share in calls:
                fault = f"{endpoint}:{answer}"
                service.plan(_planned((fault,), share, chance))
                found.calls += 1
                foreign = in_fork(call, endpoint, service.url, _PATIENCE)
                found.foreign += [f"{fault} at {share:.0%}: {each}" for each in foreign]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report.say(
        f"{found.cases} faults of a batch, always and at {SOMETIMES:.0%}; {found.nights} runs"
    )
    report.say(f"{found.calls} faults of {', '.join(PLACES)}, likewise")
    report.none_of("billed twice", found.twice)
    report.none_of("rows doubled or missing", found.doubled)
    report.none_of("recordings not completed once the fault was over", found.unsettled)
    report.none_of("foreign exceptions", found.foreign)
    report.none_of("runs hung", found.hung)
    report.say(f"{len(found.told)} kinds of errors told: {', '.join(sorted(found.told))}")
    return report.close()


def _some_of(cases: Iterable[T], every: int, seed: int) -> list[T]:
    """One case of so many."""
    return list(islice(cases, seed % every, None, every))


def _one_case(case: Case, name: str, service: Service, place: Place, found: Found) -> None:
    """Two runs with the fault, and others without it until nothing is left to do."""
    found.cases += 1
    for night in ("first", "second"):
        _note(found, name, _night(found, name, place, night))
    service.plan()
    unsettled = [""]
    for number in range(_MOST_NIGHTS):
        if unsettled:
            _note(found, name, _night(found, name, place, f"later-{number}"))
            unsettled = in_fork(_unsettled, place, case, name)
    found.unsettled += unsettled
    contents = in_fork(content_ids, place.recordings)
    billed = service.books["billed"]
    found.twice += [f"{name}: {billed[each]} times" for each in contents if billed.get(each, 0) > 1]
    found.doubled += in_fork(_doubled, place, name)


def _planned(case: Case, share: float, chance: random.Random) -> list[Fault]:
    """The faults of a case: always, or at requests left to chance."""
    faults = [parse_fault(text) for text in case]
    if share == 1.0:
        return faults
    return [
        replace(fault, after=number, times=1)
        for fault in faults
        for number in range(_REQUESTS)
        if chance.random() < share
    ]


def _night(found: Found, name: str, place: Place, night: str) -> Night:
    found.nights += 1
    try:
        came_to = in_fork(run_night, place, night, _PATIENCE, timeout_s=_NIGHT_S)
    except HungError as error:
        found.hung.append(f"{name}: the {night} run: {error}")
        return Night()
    assert isinstance(came_to, Night)
    return came_to


def _note(found: Found, name: str, night: Night) -> None:
    found.foreign += [f"{name}: {each}" for each in night.foreign]
    found.told |= {each.partition(":")[0] for each in night.told}


def _unsettled(place: Place, case: Case, name: str) -> list[str]:
    """Recordings that are not completed although nothing stood in their way any more."""
    return [
        f"{name}: {job.name}: {job.state}: {job.reason}"
        for job in jobs_of(place)
        if job.state is not JobState.COMPLETED and not _is_right(job, case)
    ]


def _is_right(job: Job, case: Case) -> bool:
    """Whether what the fault did lasts: the service refuses the recording, or works for ever."""
    if job.state is JobState.SUBMITTED:
        return case == (_NEVER,)
    return job.permanent and case[0] in _REFUSED


def _doubled(place: Place, name: str) -> list[str]:
    """Rows of a table that stand there twice."""
    storage = place.storage
    return [
        f"{name}: {table.name}: {row}"
        for table in TABLES
        for row, count in rows_of(storage, table).items()
        if count > 1
    ]
