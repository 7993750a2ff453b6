"""What can be set on a local server; the descriptions are what its command shows."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveInt

from fermata.localserver.era import Era
from fermata.localserver.faults import Fault
from fermata.localserver.streaming.config import StreamingConfig


def default_engine_processes() -> int:
    """One process a core, four at most: each one holds some 200 MB of models."""
    return min(4, os.cpu_count() or 1)


class LocalServerConfig(BaseModel):
    """The settings of one local server."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    host: str = "127.0.0.1"
    """The address to listen on; keep it on loopback, for the server is no stronghold."""

    port: int = Field(default=0, ge=0, le=65535)
    """The port to listen on; 0 takes a free one."""

    api_keys: frozenset[str] = frozenset()
    """The keys that are let in; with none named, any key that isn't empty is."""

    concurrency: PositiveInt = 5
    """How many jobs are in work at once; the others stay queued, as with a free account."""

    engine_processes: PositiveInt = Field(default_factory=default_engine_processes)
    """How many processes recognise speech."""

    processing_time_s: NonNegativeFloat = 0.0
    """How long a job takes at least, in seconds."""

    processing_time_per_audio_s: NonNegativeFloat = 0.0
    """How many seconds a job takes at least for each second of its audio."""

    references: Path | None = None
    """A folder of audio files with transcripts beside them (x.wav and x.json), to be answered
    with for the same content instead of listening to it."""

    era: Era = Era.AUTUMN
    """Which of the vendor's rules on model names hold."""

    streaming: StreamingConfig = StreamingConfig()
    """The settings of the streaming side."""

    faults: tuple[Fault, ...] = ()
    """What shall go wrong, from the first request on."""
