"""Where a live session's audio comes from, as a person fills it into a form."""

from collections.abc import Container
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from fermata.live.sources import Source
from fermata.live.sources.file import FileSource
from fermata.live.sources.microphone import Microphone


class _Choice(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MicrophoneInput(_Choice):
    """A microphone of the machine that runs the session."""

    model_config = ConfigDict(title="Microphone")

    kind: Literal["microphone"] = "microphone"
    device: str = Field(
        default="", description="Its number, or a part of its name; empty for the default one"
    )
    channels: int = Field(default=1, ge=1, le=32, description="One session is opened for each")

    def open(self, accepted_rates_hz: Container[int]) -> Source:
        """Opens the microphone; nothing is recorded yet.

        Raises:
            UsageError: there is no such device, or PyAudio is missing.
        """
        device = int(self.device) if self.device.isdecimal() else self.device or None
        return Microphone(device, channels=self.channels, accepted_rates_hz=accepted_rates_hz)


class RecordingInput(_Choice):
    """A recording, streamed in real time, one session for each of its channels."""

    model_config = ConfigDict(title="Recording")

    kind: Literal["recording"] = "recording"
    path: str = Field(description="A file on the machine that runs the session, no address")
    play: bool = Field(default=False, description="Play it on that machine's loudspeaker")

    def open(self, accepted_rates_hz: Container[int]) -> Source:
        """Opens the recording; its audio is read as it goes.

        Raises:
            UsageError: the file does not exist, or holds no audio.
        """
        return FileSource(self.path, accepted_rates_hz)


LiveInput = MicrophoneInput | RecordingInput
