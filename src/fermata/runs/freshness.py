"""What of a run's recordings no calibration rests on yet, and whether there is anything to do."""

from fermata.calibration import Scope
from fermata.ledger import Job, Ledger
from fermata.runs.choosing import Choosing
from fermata.runs.tabulate import batches_to_tabulate
from fermata.runs.worklist import Worklist
from fermata.storage import Storage
from fermata.tables import CALIBRATIONS, read_arrow


def is_up_to_date(worklist: Worklist, ledger: Ledger, storage: Storage, choosing: Choosing) -> bool:
    """Whether nothing is new, open or untabled, and all that settled was calibrated as asked.

    That holds back a night that was killed between its last transcript and its
    publication: the next one then has no new recording, and still something to do, whatever
    was calibrated elsewhere meanwhile. So has one whose groups were never calibrated by these
    names or were last calibrated for another goal, and one that finds nothing but unusable
    files, which should fail and not be quiet.

    Args:
        worklist: what the run found.
        ledger: knows which recordings were calibrated, and what was asked then.
        storage: the data folder with the table `calibrations`.
        choosing: how the run is to choose.

    Raises:
        TableError: a file of the table cannot be read.
    """
    if worklist.new or worklist.open_jobs or batches_to_tabulate(storage, ledger):
        return False
    if not worklist.items or uncalibrated(worklist, ledger):
        return False
    asked, groups = ledger.calibrated.asked(worklist.scope.name), set(worklist.groups.values())
    if any(asked.get(group) != choosing.asked for group in groups):
        return False
    return groups <= _calibrated_groups(storage, worklist.scope)


def uncalibrated(worklist: Worklist, ledger: Ledger) -> tuple[Job, ...]:
    """The settled jobs of a run's recordings that no calibration of its scope rests on yet."""
    groups = worklist.groups
    return tuple(job for job in ledger.calibrated.lacking(worklist.scope.name) if job.key in groups)


def _calibrated_groups(storage: Storage, scope: Scope) -> set[str]:
    of_scope = [("scope", "==", scope.name)]
    rows = read_arrow(storage, CALIBRATIONS, ("group",), of_scope)
    return set(rows["group"].unique().to_pylist())
