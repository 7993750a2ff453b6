"""Noting what a run's calibration rests on and was asked, once published or put to a person.

A run that is killed before that leaves no note, so the next night calibrates the same recordings
again instead of finding nothing new.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from prefect.exceptions import Pause

from config.wiring import ledger
from fermata.ledger import Job, JobKey
from fermata.runs.choosing import Choosing
from fermata.runs.freshness import uncalibrated
from fermata.runs.worklist import Worklist


@dataclass(slots=True)
class Covered:
    """What the calibration of a run rests on.

    Attributes:
        groups: the transcripts that no calibration rested on before, and the group of each.
        counts: whether that is to be noted: what was not published may come again.
    """

    groups: Mapping[JobKey, str]
    counts: bool = False


@contextmanager
def covering(worklist: Worklist, how: Choosing) -> Iterator[Covered]:
    """Notes at the end of the block that its calibration rests on the settled recordings.

    A run that is suspended for an answer has done its part too: the nights that follow need not
    ask the same again.

    Args:
        worklist: what the run found, all of it settled or given up.
        how: how the run chooses.
    """
    fresh = uncalibrated(worklist, ledger())
    covered = Covered({job.key: worklist.groups[job.key] for job in fresh})
    try:
        yield covered
    except Pause:
        _note(fresh, worklist, how)
        raise
    if covered.counts:
        _note(fresh, worklist, how)


def _note(fresh: Iterable[Job], worklist: Worklist, how: Choosing) -> None:
    scope = worklist.scope.name
    ledger().calibrated.mark(scope, fresh)
    ledger().calibrated.keep_asked(scope, worklist.groups.values(), how.asked)
