"""Asking a person in the UI before the settings of a run are put in force."""

from dataclasses import dataclass
from enum import StrEnum

from fermata.calibration import Change


class Approval(StrEnum):
    """Whether a person must agree before settings are published."""

    NONE = "none"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class PublishingResult:
    """What became of a run's settings.

    Attributes:
        is_published: whether they are in force; False where a person said no.
        latest: where the settings in force are.
        changes: what streaming clients are told otherwise now.
        summary: one line.
    """

    is_published: bool
    latest: str
    changes: tuple[Change, ...]
    summary: str


def publish_with_approval(
    run_id: str, approval: Approval, timeout_h: float = 72
) -> PublishingResult:
    """Puts the settings of a run in force, after asking where that is required.

    Args:
        run_id: whose row in the table `calibrations` is to be published.
        approval: whether to ask.
        timeout_h: how long to wait for an answer; then the run fails and the old settings stay.
    """
    raise NotImplementedError


def is_resumed() -> bool:
    """Whether this run was suspended for an answer before and goes on from the top now.

    Its calibration is in the table then, so a flow goes straight to `publish_with_approval`.
    """
    raise NotImplementedError
