"""What a transcription is asked for: the options, their hash and the request's body."""

import hashlib
import json
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

LOCAL_ENGINE = "local"
"""The engine of Fermata's own server: it bills nothing and forgets all when it ends."""

_HASH_LENGTH = 12
_Name = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class MultichannelMode(StrEnum):
    """When each channel of a recording is taken for one person."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


class TranscriptOptions(BaseModel):
    """What is asked of the service, the same for every recording with this hash.

    `engine` (`assemblyai` or `local`) is not sent: it is here so that the results of one
    are never taken for the other's. `speech_models` is always sent, because the service
    has at times rejected requests without it.

    `multichannel` and `speaker_labels` exclude each other: one person speaks per channel,
    so there is nobody to tell apart.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: _Name
    speech_models: Annotated[tuple[_Name, ...], Field(min_length=1)]
    speaker_labels: bool
    multichannel: bool
    language_detection: bool

    @model_validator(mode="after")
    def _one_way_to_tell_speakers_apart(self) -> Self:
        if self.multichannel and self.speaker_labels:
            raise ValueError(
                "multichannel and speaker_labels exclude each other: choose one of them"
            )
        return self

    @cached_property
    def options_hash(self) -> str:
        """12 hex digits of the SHA-256 over the canonical JSON of all the options."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:_HASH_LENGTH]

    def request_body(self, audio_url: str) -> dict[str, object]:
        """Returns the body of `POST /v2/transcript` for the audio at `audio_url`."""
        return {
            "audio_url": audio_url,
            "speech_models": list(self.speech_models),
            "speaker_labels": self.speaker_labels,
            "multichannel": self.multichannel,
            "language_detection": self.language_detection,
        }


def options_for(
    channels: int | None,
    mode: MultichannelMode,
    *,
    engine: str,
    speech_models: tuple[str, ...],
    language_detection: bool,
) -> TranscriptOptions:
    """Chooses the options for a recording with this many channels.

    Speakers are told apart by channel where `mode` says so (`AUTO`: more than one channel),
    and by voice otherwise.

    Args:
        channels: The recording's channels; None where unknown (a URL), taken for one.
        mode: When each channel is taken for one person.
        engine: `assemblyai` or `local`.
        speech_models: The models to use, in order of preference.
        language_detection: Whether the service finds out the language by itself.
    """
    by_channel = mode is MultichannelMode.ON or (
        mode is MultichannelMode.AUTO and channels is not None and channels > 1
    )
    return TranscriptOptions(
        engine=engine,
        speech_models=speech_models,
        speaker_labels=not by_channel,
        multichannel=by_channel,
        language_detection=language_detection,
    )
