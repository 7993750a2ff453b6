"""The ledger: who may bill what, and how far every recording has come."""

from fermata.ledger.models import Job, JobKey, JobState, PlannedJob

__all__ = ["Job", "JobKey", "JobState", "PlannedJob"]
