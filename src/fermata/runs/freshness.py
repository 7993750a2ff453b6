"""What of a run's recordings no calibration rests on yet, and whether there is anything to do."""

from fermata.ledger import Job, Ledger
from fermata.runs.tabulate import batches_to_tabulate
from fermata.runs.worklist import Worklist
from fermata.storage import Storage
from fermata.tables import CALIBRATIONS, read_arrow


def is_up_to_date(worklist: Worklist, ledger: Ledger, storage: Storage) -> bool:
    """Whether nothing is new, open or untabled, and all that settled was calibrated since.

    The last holds back a night that was killed between its last transcript and its
    publication: the next one then has no new recording, and still something to do, whatever
    was calibrated elsewhere meanwhile. So has one whose groups were never calibrated by these
    names, and one that finds nothing but unusable files, which should fail and not be quiet.

    Args:
        worklist: what the run found.
        ledger: knows which recordings were calibrated.
        storage: the data folder with the table `calibrations`.

    Raises:
        TableError: a file of the table cannot be read.
    """
    if worklist.new or worklist.open_jobs or batches_to_tabulate(storage, ledger):
        return False
    if not worklist.items or uncalibrated(worklist, ledger):
        return False
    return set(worklist.groups.values()) <= _calibrated_groups(storage)


def uncalibrated(worklist: Worklist, ledger: Ledger) -> tuple[Job, ...]:
    """The settled jobs of a run's recordings that no calibration rests on yet."""
    groups = worklist.groups
    return tuple(job for job in ledger.calibrated.lacking() if job.key in groups)


def _calibrated_groups(storage: Storage) -> set[str]:
    return set(read_arrow(storage, CALIBRATIONS, ("group",))["group"].unique().to_pylist())
