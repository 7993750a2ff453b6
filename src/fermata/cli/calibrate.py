"""`fermata calibrate`: what the command takes."""

from typing import Annotated

from cyclopts import Parameter

from config.choices import Engine, Publish
from fermata.assemblyai.options import MultichannelMode
from fermata.calibration import ChooseBy
from fermata.recordings import GroupBy


def calibrate(
    *recordings: str,
    engine: Engine = Engine.AUTO,
    group_by: GroupBy = GroupBy.FOLDER,
    multichannel: MultichannelMode = MultichannelMode.AUTO,
    choose_by: ChooseBy = ChooseBy.AUTO,
    goal: str = "",
    customer: str = "",
    accept_audio_hours: float | None = None,
    publish: Publish = Publish.AUTO,
    scope: str = "",
    as_json: Annotated[bool, Parameter(name="--json", negative=())] = False,
) -> int:
    """Measure the gaps between speakers in recordings and choose turn-detection settings.

    Args:
        recordings: Folders, files, http(s) addresses or fsspec URLs (s3://bucket/calls).
        engine: Who transcribes; auto is AssemblyAI where a key is set, else the local engine.
        group_by: What makes a group; folder is the first sub-folder below each source.
        multichannel: Whether each channel is one speaker; auto is where there are several.
        choose_by: Which rule; auto is replay where the recordings suffice, else the guide's.
        goal: What to aim for, as "mid-sentence <= 5 %, P90 wait <= 1 s"; without, one cut-in
            is worth 5 s of waiting.
        customer: The customer's speaker label or channel; without, all speakers' turns count.
        accept_audio_hours: The most audio to send, where it is more than
            FERMATA_MAX_AUDIO_HOURS_PER_RUN; without, a terminal asks and everything else refuses.
        publish: Whether to put the settings in force. auto: where none are, or this run rests on at
            least the recordings that those in force rest on; ask: after you agreed; yes; no.
        scope: A name for what the settings belong to; that of the folders without.
        as_json: Print one JSON object on stdout and nothing else there.
    """
    from fermata.cli.work.calibrate import calibrate as work  # noqa: PLC0415 - see work

    return work(
        recordings,
        engine=engine,
        group_by=group_by,
        multichannel=multichannel,
        choose_by=choose_by,
        goal=goal,
        customer=customer,
        accept_audio_hours=accept_audio_hours,
        publish=publish,
        scope=scope,
        as_json=as_json,
    )
