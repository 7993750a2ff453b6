"""What the Prefect server does by itself: bury dead runs, and tell people what they should know.

Notifications go through a notification block (Slack, Teams, e-mail, any webhook) that is made in
the Prefect UI and named in `FERMATA_NOTIFICATION_BLOCK`. Where none is named the automations
exist all the same and do nothing: that they fired stands in the event feed, and their
description says which setting is missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from config.settings import settings
from fermata.errors import UsageError

if TYPE_CHECKING:
    from uuid import UUID

    from prefect.client.orchestration import SyncPrefectClient
    from prefect.events.schemas.automations import AutomationCore, EventTrigger

RECOMMENDATION_CHANGED = "fermata.recommendation.changed"
DRIFT_DETECTED = "fermata.drift.detected"
# Ten heartbeats of `worker.env`: a server that was away for a while must not bury the living.
SILENCE = timedelta(minutes=5)

_ZOMBIES = "Fermata: runs that died with their machine"
_NIGHTS = "Fermata: a night that failed"
_RECOMMENDATIONS = "Fermata: a recommendation changed"
_DRIFT = "Fermata: a group's calls drift"
_APPROVALS = "Fermata: a run waits for an approval"
_NO_BLOCK = " Nobody is told: set FERMATA_NOTIFICATION_BLOCK and register again."
_RUN_LINK = "{{ flow_run|ui_url }}"
_PAYLOAD = "{% for name, value in event.payload.items() %}{{ name }}: {{ value }}\n{% endfor %}"


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told, and when.

    Attributes:
        name: of the automation.
        description: for its page.
        trigger: the event it waits for.
        subject: of the message; Prefect fills in its placeholders.
        body: of the message, likewise.
    """

    name: str
    description: str
    trigger: "EventTrigger"
    subject: str
    body: str


def register_automations(
    client: "SyncPrefectClient", silence: timedelta = SILENCE
) -> Iterator[str]:
    """Creates or updates every automation by its name; yields a line for each.

    Args:
        client: of the Prefect server.
        silence: how long a run may be silent before it is held to be dead.

    Raises:
        UsageError: the notification block that the settings name does not exist.
    """
    block = _notification_block(client)
    wanted = [zombies(silence), *(_automation(notice, block) for notice in notices())]
    for automation in wanted:
        _keep(client, automation)
        yield f"{automation.name}: {automation.description}"


def zombies(silence: timedelta) -> "AutomationCore":
    """Marks a run as crashed that has sent no heartbeat for so long."""
    from prefect.client.schemas.objects import StateType  # noqa: PLC0415
    from prefect.events.actions import ChangeFlowRunState  # noqa: PLC0415
    from prefect.events.schemas.automations import (  # noqa: PLC0415
        AutomationCore,
        EventTrigger,
        Posture,
    )

    return AutomationCore(
        name=_ZOMBIES,
        description="marks a run as crashed once its heartbeats stop.",
        trigger=EventTrigger(
            after={"prefect.flow-run.heartbeat"},
            # Any sign of life, the end of the run among them.
            expect={"prefect.flow-run.*"},
            match={"prefect.resource.id": ["prefect.flow-run.*"]},
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=silence,
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.CRASHED,
                message=f"no heartbeat for {silence.total_seconds():.0f} s: its process or "
                "machine is gone; what it finished is kept, and the next run takes up the rest",
            )
        ],
    )


def notices() -> tuple[Notice, ...]:
    """What people are told."""
    return (
        Notice(
            _NIGHTS,
            "tells when a nightly run fails, crashes or does not start in time.",
            _on_nights("Failed", "Crashed", "TimedOut", "Late"),
            "Fermata: {{ flow_run.name }} is {{ flow_run.state.name }}",
            f"{{{{ flow_run.state.message }}}}\n{_RUN_LINK}",
        ),
        Notice(
            _APPROVALS,
            "tells when a nightly run waits for somebody to agree to other settings.",
            _on_nights("Suspended"),
            "Fermata: {{ flow_run.name }} waits for an approval",
            f"Resume it with an answer:\n{_RUN_LINK}",
        ),
        Notice(
            _RECOMMENDATIONS,
            "tells when other turn-detection settings are recommended than before.",
            _on_events({RECOMMENDATION_CHANGED}),
            "Fermata: {{ event.resource.name }}",
            _PAYLOAD,
        ),
        Notice(
            _DRIFT,
            "tells when a group's calls are no longer what its settings were learned from.",
            _on_events({DRIFT_DETECTED}),
            "Fermata: drift, {{ event.resource.name }}",
            _PAYLOAD,
        ),
    )


def _on_nights(*states: str) -> "EventTrigger":
    """When a nightly run comes into one of these states."""
    return _on_events(
        {f"prefect.flow-run.{state}" for state in states},
        match={"prefect.resource.id": ["prefect.flow-run.*"]},
        match_related={"prefect.resource.role": "flow", "prefect.resource.name": "nightly"},
    )


def _on_events(events: set[str], **matching: Any) -> "EventTrigger":
    from prefect.events.schemas.automations import EventTrigger, Posture  # noqa: PLC0415

    return EventTrigger(expect=events, posture=Posture.Reactive, threshold=1, **matching)


def _automation(notice: Notice, block: "UUID | None") -> "AutomationCore":
    from prefect.events.actions import DoNothing, SendNotification  # noqa: PLC0415
    from prefect.events.schemas.automations import AutomationCore  # noqa: PLC0415

    tell = (
        SendNotification(block_document_id=block, subject=notice.subject, body=notice.body)
        if block
        else DoNothing()
    )
    return AutomationCore(
        name=notice.name,
        description=notice.description + ("" if block else _NO_BLOCK),
        trigger=notice.trigger,
        actions=[tell],
    )


def _notification_block(client: "SyncPrefectClient") -> "UUID | None":
    from prefect.exceptions import ObjectNotFound  # noqa: PLC0415

    named = settings().notification_block
    if named is None:
        return None
    block_type, _, name = named.partition("/")
    try:
        return client.read_block_document_by_name(name, block_type, include_secrets=False).id
    except ObjectNotFound:
        raise UsageError(
            f"FERMATA_NOTIFICATION_BLOCK: Prefect has no block {named}; make it under Blocks in "
            "its UI, or name one as slack-webhook/<name>"
        ) from None


def _keep(client: "SyncPrefectClient", automation: "AutomationCore") -> None:
    known = client.read_automations_by_name(automation.name)
    if not known:
        client.create_automation(automation)
        return
    # Whoever paused it in the UI meant it.
    kept = automation.model_copy(update={"enabled": known[0].enabled})
    client.update_automation(known[0].id, kept)
    # Two registrations at the same moment can each have created it.
    for double in known[1:]:
        client.delete_automation(double.id)
