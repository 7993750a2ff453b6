"""Asking a person in the UI before the settings of a run are put in force.

A run that asks is suspended: its process ends, and whoever answers has it start again from the
top in a new one. What it had done by then stands in the table `calibrations`, so a flow that
finds itself resumed goes straight on to publishing:

```python
if is_resumed():
    return answered(publish_run(run_id, publish))
```
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput
from prefect.states import Completed
from pydantic import Field, ValidationError

from config.wiring import storage
from fermata.calibration import Change, PublishingResult, Scope, is_newest_by_group
from fermata.report.changed import changes_markdown
from fermata.thresholds import ALL_GROUPS
from fermata.validation import first_problem
from flows.resumed import PAUSE_KEY, is_resumed
from flows.suspended import suspended_with
from tasks.artifacts import shown

logger = logging.getLogger(__name__)

ARTIFACT_KEY = "approval"

# From Friday evening to Monday.
_TIMEOUT_H = 72.0


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
class Decided:
    """What a person decided.

    Attributes:
        name: what became of the settings where nothing is.
        why: one line.
        groups: those to be put in force; none where all is to stay as it is.
    """

    name: str
    why: str
    groups: tuple[str, ...] = ()


def ask_for_approval(run_id: str, scope: Scope, changes: tuple[Change, ...]) -> Decided:
    """Ends this process at the first call, to wait; gives what was decided after.

    Args:
        run_id: whose settings it is about.
        scope: what the run belongs to.
        changes: what would change.

    Raises:
        FermataError: a file cannot be read.
    """
    answer = _ask(changes, _TIMEOUT_H)
    if isinstance(answer, str):
        return Decided("Not approved", f"the answer cannot be used ({answer})")
    if not answer.publish:
        return Decided("Not approved", _words(answer) or "no reason was given")
    return _unless_overtaken(run_id, scope, answer)


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
                wait_for_input=form, timeout=round(timeout_h * 3600), key=PAUSE_KEY
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


def _unless_overtaken(run_id: str, scope: Scope, answer: Answer) -> Decided:
    """Leaves alone what was published for other groups or again while the run waited."""
    is_newest = is_newest_by_group(storage(), run_id, scope)
    chosen = tuple(group for group, newest in is_newest.items() if newest)
    overtaken = [group for group, newest in is_newest.items() if not newest]
    later = f"what was chosen and published later for {_named(overtaken)}"
    if not chosen:
        return Decided("Overtaken", f"{later} goes before this")
    words = _words(answer)
    reason = f"approved: {words}" if words else "approved"
    if overtaken:
        reason += f"; {later} stays"
    return Decided("Published", reason, chosen)


def _words(answer: Answer) -> str:
    return " ".join(answer.reason.split())
