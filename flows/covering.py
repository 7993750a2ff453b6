"""Noting what a run's calibration rests on and was asked, once published or put to a person.

A run that is killed before that leaves no note, so the next night calibrates the same recordings
again instead of finding nothing new.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from prefect.exceptions import Pause

from config.wiring import ledger
from fermata.ledger import Job, JobKey
from fermata.runs.choosing import Choosing
from fermata.runs.freshness import uncalibrated
from fermata.runs.worklist import Worklist


@contextmanager
def covering(worklist: Worklist, how: Choosing) -> Iterator[dict[JobKey, str]]:
    """Notes at the end of the block that its calibration rests on the settled recordings.

    A run that is suspended for an answer has done its part too: the nights that follow need not
    ask the same again.

    Args:
        worklist: what the run found, all of it settled or given up.
        how: how the run chooses.

    Yields:
        The transcripts that no calibration rested on before, and the group of each.
    """
    fresh = uncalibrated(worklist, ledger())
    groups = worklist.groups
    try:
        yield {job.key: groups[job.key] for job in fresh}
    except Pause:
        _note(fresh, groups, how)
        raise
    _note(fresh, groups, how)


def _note(fresh: Iterable[Job], groups: Mapping[JobKey, str], how: Choosing) -> None:
    ledger().calibrated.mark(fresh)
    ledger().calibrated.keep_asked(groups.values(), how.asked)
