"""`fermata measure-punctuation`: what the command takes."""

from typing import Annotated

from cyclopts import Parameter

from config.choices import Engine


def measure_punctuation(
    *recordings: str,
    minutes: float = 10,
    provider: Engine = Engine.AUTO,
    speech_model: str = "",
    as_json: Annotated[bool, Parameter(name="--json", negative=())] = False,
) -> int:
    """Measure how often the streaming model misjudges whether a sentence is complete.

    Streams the beginnings of calibrated recordings in real time, which costs money, and
    compares with their transcripts. Replays use the figures from then on.

    Args:
        recordings: Folders or files on this machine, calibrated before.
        minutes: The most minutes of streaming to be billed, over all channels.
        provider: Who listens; auto is AssemblyAI where a key is set, else this machine.
        speech_model: The service's model; that of FERMATA_STREAMING_MODEL without.
        as_json: Print one JSON object on stdout and nothing else there.
    """
    from fermata.cli.work.measure_punctuation import (  # noqa: PLC0415 - see work
        measure_punctuation as work,
    )

    return work(recordings, minutes, provider, speech_model, as_json=as_json)
