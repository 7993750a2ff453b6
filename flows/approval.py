"""Asking a person in the UI before the settings of a run are put in force.

A run that asks is suspended: its process ends, and whoever answers has it start again from the
top in a new one. What it had done by then stands in the table `calibrations`, so a flow that
finds itself resumed goes straight on to publishing:

```python
if is_resumed():
    return answered(publish_with_approval(run_id, approval))
```
"""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from prefect import runtime
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput
from prefect.states import Completed
from pydantic import Field, ValidationError

from config.wiring import presets, storage
from fermata.calibration import (
    LATEST_PATH,
    Change,
    PublishedBy,
    is_newest_by_group,
    present,
    preview,
    recommendation_changes,
)
from fermata.report.changed import changes_markdown
from fermata.thresholds import ALL_GROUPS
from fermata.validation import first_problem
from flows.suspended import suspended_with
from tasks.announce import announce
from tasks.artifacts import shown
from tasks.publish import publish_settings

logger = logging.getLogger(__name__)

ARTIFACT_KEY = "approval"

_PAUSE_KEY = "approval"
_NOT_ASKED = "no approval is required"
_NOBODY_TO_ASK = "the run has no deployment, so it cannot wait for an approval"
_NOTHING_TO_ASK = "the settings are the same as before"


class Approval(StrEnum):
    """Whether a person must agree before settings are published."""

    NONE = "none"
    REQUIRED = "required"


class Answer(RunInput):
    """What is asked in the form under which a suspended run is resumed."""

    publish: bool = Field(
        default=False,
        title="Publish the new settings",
        description="On: they are put in force. Off: those in force stay, and the run ends.",
    )
    reason: str = Field(
        default="",
        max_length=500,
        title="Why",
        description="Kept with your answer.",
    )


@dataclass(frozen=True, slots=True)
class PublishingResult:
    """What became of a run's settings.

    Attributes:
        name: what became of them, in the words that stand beside the run in every list.
        latest: where the settings in force are.
        changes: what streaming clients are told otherwise now.
        summary: one line.
    """

    name: str
    latest: str
    changes: tuple[Change, ...]
    summary: str


def publish_with_approval(
    run_id: str, approval: Approval, timeout_h: float = 72
) -> PublishingResult:
    """Puts the settings of a run in force, after asking where that is required.

    Nobody is asked where nothing changes, and where the run cannot be suspended: without a
    deployment, as in the process of a command, or started by another flow.

    Args:
        run_id: whose rows in the table `calibrations` are to be published.
        approval: whether to ask.
        timeout_h: how long to wait for an answer; then the run fails and the old settings stay.

    Raises:
        UsageError: the table has no such run.
        FermataError: a file cannot be read or written.
    """
    if approval is Approval.NONE:
        return _published(run_id, PublishedBy.AUTOMATIC, _NOT_ASKED)
    if runtime.deployment.id is None or runtime.flow_run.parent_flow_run_id:
        return _published(run_id, PublishedBy.AUTOMATIC, _NOBODY_TO_ASK)
    now = present(storage(), presets())
    changes = recommendation_changes(now, preview(storage(), presets(), run_id))
    if not changes and not is_resumed():
        return _published(run_id, PublishedBy.AUTOMATIC, _NOTHING_TO_ASK)
    answer = _ask(changes, timeout_h)
    if isinstance(answer, str):
        return _kept("Not approved", f"the answer cannot be used ({answer})")
    if not answer.publish:
        return _kept("Not approved", f"not approved{_because(answer)}")
    return _published_if_newest(run_id, answer)


def is_resumed() -> bool:
    """Whether this run was suspended for an answer before and goes on from the top now.

    Its calibration is in the table then, so a flow goes straight to `publish_with_approval`.
    """
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        return False
    return _PAUSE_KEY in (context.flow_run.empirical_policy.pause_keys or ())


def answered(result: PublishingResult) -> State[Any]:
    """The final state of a run that was resumed."""
    return Completed(name=result.name, message=result.summary)


def _ask(changes: tuple[Change, ...], timeout_h: float) -> Answer | str:
    """Ends this process at the first call; gives the answer, or what is wrong with it, after.

    The server checks the answer by the form's schema; whoever writes past it is caught here.
    """
    if not is_resumed():
        whose = _named(each.group for each in changes)
        logger.info("waits for an answer within %g h: press Resume in the Prefect UI", timeout_h)
        shown(
            create_markdown_artifact,
            markdown=_question(changes, timeout_h),
            key=ARTIFACT_KEY,
            description=f"asked whether to publish other settings for {whose}",
        )
    form = Answer.with_initial_data(description=_question(changes, timeout_h))
    try:
        with suspended_with(_what_is_waited_for(changes, timeout_h)):
            given = suspend_flow_run(
                wait_for_input=form, timeout=round(timeout_h * 3600), key=_PAUSE_KEY
            )
        assert given is not None
        return Answer.model_validate(given.model_dump())
    except ValidationError as error:
        return first_problem(error)


def _what_is_waited_for(changes: tuple[Change, ...], timeout_h: float) -> str:
    until = datetime.now(UTC) + timedelta(hours=timeout_h)
    whose = _named(each.group for each in changes)
    return (
        f"waits until {until:%Y-%m-%d %H:%M} UTC for somebody who decides on the settings of "
        f"{whose}: press Resume and submit the form with the switch on to put them in force, or "
        "off to keep those before. Without an answer those before stay, and the run fails"
    )


def _question(changes: tuple[Change, ...], timeout_h: float) -> str:
    return (
        f"{changes_markdown(changes)}\n\nYou are asked once: press **Resume** on the run's page "
        "and submit the form with the switch on or off. Until then the settings before stay in "
        f"force. Without an answer within {timeout_h:g} h they stay too, and the run counts as "
        "failed."
    )


def _named(groups: Iterable[str]) -> str:
    return ", ".join("all recordings" if each == ALL_GROUPS else each for each in groups)


def _published_if_newest(run_id: str, answer: Answer) -> PublishingResult:
    """Leaves alone what was published for other groups or again while the run waited."""
    is_newest = is_newest_by_group(storage(), run_id)
    chosen = [group for group, newest in is_newest.items() if newest]
    overtaken = [group for group, newest in is_newest.items() if not newest]
    later = f"what was chosen and published later for {_named(overtaken)}"
    if not chosen:
        return _kept("Overtaken", f"{later} goes before this")
    reason = f"approved{_because(answer)}"
    if overtaken:
        reason += f"; {later} stays"
    return _published(run_id, PublishedBy.APPROVED, reason, chosen)


def _published(
    run_id: str, by: PublishedBy, reason: str, groups: Collection[str] | None = None
) -> PublishingResult:
    changes = publish_settings(run_id, by, reason, groups)
    announce(changes)
    changed = "; ".join(change.summary for change in changes) or "nothing changed"
    return PublishingResult(
        name="Published",
        latest=storage().uri(LATEST_PATH),
        changes=changes,
        summary=f"published ({reason}): {changed}",
    )


def _kept(name: str, why: str) -> PublishingResult:
    summary = f"{why}: the settings before stay in force"
    return PublishingResult(
        name=name, latest=storage().uri(LATEST_PATH), changes=(), summary=summary
    )


def _because(answer: Answer) -> str:
    reason = " ".join(answer.reason.split())
    return f": {reason}" if reason else ""
