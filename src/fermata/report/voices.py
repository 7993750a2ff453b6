"""How captions and transcripts name who spoke, and when."""

from collections.abc import Sequence

_MS_PER_S = 1000
_S_PER_MINUTE = 60
_S_PER_HOUR = 3600


def voice_name(channel_names: Sequence[str], channel: int, speaker: str | None) -> str:
    """Names whoever spoke: by channel, by the service's label, or by both.

    Args:
        channel_names: The names of all channels.
        channel: Index of the channel.
        speaker: The service's label; None where it can't tell.
    """
    if speaker is None:
        return channel_names[channel]
    return f"{channel_names[channel]} {speaker}" if len(channel_names) > 1 else f"Speaker {speaker}"


def clock_time(milliseconds: float | None) -> str:
    """A time from the start of the source as `01:02.3`, from an hour on `1:01:02.3`."""
    tenths = round((milliseconds or 0.0) / 100)
    seconds, tenth = divmod(tenths, 10)
    return f"{clock(seconds)}.{tenth}"


def clock(seconds: float) -> str:
    """Whole seconds as `01:02`, from an hour on `1:01:02`."""
    hours, rest = divmod(int(seconds), _S_PER_HOUR)
    minutes, rest = divmod(rest, _S_PER_MINUTE)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"
