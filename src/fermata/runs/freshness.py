"""Whether a run would find anything that the newest calibration does not rest on already."""

from datetime import datetime

import pyarrow.compute as pc

from fermata.ledger import Ledger
from fermata.runs.tabulate import batches_to_tabulate
from fermata.runs.worklist import Worklist
from fermata.storage import Storage
from fermata.tables import CALIBRATIONS, read_arrow


def is_up_to_date(worklist: Worklist, ledger: Ledger, storage: Storage) -> bool:
    """Whether nothing is new, open or untabled, and all that settled was calibrated since.

    The last holds back a night that was killed between its last transcript and its
    calibration: the next one then has no new recording, and still something to do.

    Args:
        worklist: what the run found.
        ledger: knows when the last recording settled.
        storage: the data folder with the table `calibrations`.

    Raises:
        TableError: a file of the table cannot be read.
    """
    if worklist.new or worklist.open_jobs or batches_to_tabulate(storage, ledger):
        return False
    settled_at = ledger.newest_settlement()
    calibrated_at = _newest_calibration(storage)
    if settled_at is None or calibrated_at is None:
        return False
    return calibrated_at >= settled_at


def _newest_calibration(storage: Storage) -> datetime | None:
    chosen_at = read_arrow(storage, CALIBRATIONS, ("chosen_at",))["chosen_at"]
    newest: datetime | None = pc.max(chosen_at).as_py()
    return newest
