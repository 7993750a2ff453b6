"""`fermata reprocess`: what the command takes."""

from datetime import date
from typing import Annotated

from cyclopts import Parameter

from config.choices import Publish
from fermata.assemblyai.options import MultichannelMode
from fermata.calibration import ChooseBy


def reprocess(
    *,
    since: date | None = None,
    until: date | None = None,
    group: str = "",
    choose_by: ChooseBy = ChooseBy.AUTO,
    goal: str = "",
    customer: str = "",
    speech_models: str = "",
    multichannel: MultichannelMode = MultichannelMode.AUTO,
    accept_cost_usd: float | None = None,
    price_usd_per_hour: float | None = None,
    publish: Publish = Publish.AUTO,
    scope: str = "",
    as_json: Annotated[bool, Parameter(name="--json", negative=())] = False,
) -> int:
    """Compute tables and settings again from archived transcripts; calls no service.

    With --speech-models the recordings are transcribed again, once the cost is accepted.

    Args:
        since: First day (UTC) on which the transcripts arrived, as 2026-11-21.
        until: Last such day.
        group: Only recordings of this group.
        choose_by: Which rule; auto is replay where the recordings suffice, else the guide's.
        goal: What to aim for, as "mid-sentence <= 5 %"; without, one cut-in is worth 5 s.
        customer: The customer's speaker label or channel; without, all speakers' turns count.
        speech_models: Transcribe again with these models, separated by commas; costs money.
        multichannel: When transcribing again: whether each channel is one speaker.
        accept_cost_usd: The most that transcribing again may cost; without, only an estimate.
        price_usd_per_hour: Your price for an hour of audio, in place of the list price.
        publish: Whether to put the settings in force. auto: where none are, or this run rests on at
            least the recordings that those in force rest on; ask: after you agreed; yes; no.
        scope: Only recordings of this scope; those of the main one without.
        as_json: Print one JSON object on stdout and nothing else there.
    """
    from fermata.cli.work.reprocess import reprocess as work  # noqa: PLC0415 - see work

    return work(
        since=since,
        until=until,
        group=group,
        choose_by=choose_by,
        goal=goal,
        customer=customer,
        speech_models=speech_models,
        multichannel=multichannel,
        accept_cost_usd=accept_cost_usd,
        price_usd_per_hour=price_usd_per_hour,
        publish=publish,
        scope=scope,
        as_json=as_json,
    )
