"""How much audio a run may send: by the settings, or as somebody accepted for it."""

import math

from config.choices import Engine
from config.settings import settings
from fermata.errors import UsageError
from fermata.runs.volume import check_volume
from fermata.runs.worklist import Worklist


def accepted_hours(accept_audio_hours: float | None) -> float | None:
    """What somebody accepted for a run, in hours.

    Args:
        accept_audio_hours: None where nobody accepted anything.

    Raises:
        UsageError: it is no length of time.
    """
    if accept_audio_hours is None:
        return None
    if not math.isfinite(accept_audio_hours) or accept_audio_hours < 0:
        raise UsageError(
            f"accept_audio_hours (--accept-audio-hours) is {accept_audio_hours:g}: "
            "give hours of audio, 0 or more"
        )
    return accept_audio_hours


def sending_at_most(worklist: Worklist, engine: Engine, accept_audio_hours: float | None) -> None:
    """Makes sure, before a run sends anything, that it sends no more than it may.

    The local engine is no service: what it hears stays on this machine and costs nothing.

    Args:
        worklist: its new recordings would be sent.
        engine: who transcribes.
        accept_audio_hours: what somebody accepted for this run; None where nobody did.

    Raises:
        TooMuchAudioError: it is more than `FERMATA_MAX_AUDIO_HOURS_PER_RUN` and was not accepted.
        UsageError: what was accepted is no length of time.
    """
    accepted = accepted_hours(accept_audio_hours)
    if engine is not Engine.LOCAL:
        check_volume(worklist, settings().max_audio_hours_per_run, accepted)
