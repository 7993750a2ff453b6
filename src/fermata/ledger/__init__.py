"""The ledger: who may bill what, and how far every recording has come."""

from typing import TYPE_CHECKING

from fermata.deferred import deferred

if TYPE_CHECKING:
    from fermata.ledger.claims import Claim
    from fermata.ledger.database import in_file
    from fermata.ledger.errors import (
        ClaimLostError,
        LedgerDamagedError,
        LedgerError,
        LedgerUnavailableError,
        UnknownJobError,
    )
    from fermata.ledger.ledger import DEFAULT_LEASE_S, Ledger
    from fermata.ledger.models import Job, JobKey, JobState, Place, PlannedJob
else:
    __getattr__ = deferred(__name__)

__all__ = [
    "DEFAULT_LEASE_S",
    "Claim",
    "ClaimLostError",
    "Job",
    "JobKey",
    "JobState",
    "Ledger",
    "LedgerDamagedError",
    "LedgerError",
    "LedgerUnavailableError",
    "Place",
    "PlannedJob",
    "UnknownJobError",
    "in_file",
]
