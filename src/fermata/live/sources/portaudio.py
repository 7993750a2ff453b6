"""The door to PortAudio: its devices, and its streams in callback mode.

PyAudio is an optional extra because it has no wheels for Linux, so it is imported only here and
only when it is needed. What ALSA and JACK write to standard error while PortAudio tries every
device goes to the debug log: none of it concerns a person who has a working microphone.
"""

import importlib
import logging
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fermata.errors import UsageError
from fermata.live.sources import SourceError

_log = logging.getLogger(__name__)

GO_ON = 0
INPUT_OVERFLOW = 2
"""What a callback returns to be called again, and the flag it is given when input was lost:
paContinue and paInputOverflow of portaudio.h."""

_STDERR = 2

Callback = Callable[[bytes | None, int, object, int], tuple[bytes | None, int]]
"""What PyAudio calls for each buffer: (input, samples per channel, times, status flags), giving
(output, whether to go on)."""


class DeviceError(SourceError):
    """A sound device refused to open, or stopped giving audio."""


@dataclass(frozen=True, slots=True)
class InputDevice:
    """One thing that PortAudio can record from."""

    index: int
    name: str
    channels: int
    default_rate_hz: int
    is_default: bool


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """How a stream of 16-bit samples is laid out."""

    sample_rate_hz: int
    channels: int
    samples_per_buffer: int


class PortAudio:
    """One use of PortAudio; `close` gives everything back that was opened with it.

    Raises:
        UsageError: PyAudio or PortAudio is not installed.
        DeviceError: The sound system can't be reached.
    """

    def __init__(self) -> None:
        self._pyaudio = _imported()
        try:
            with _system_noise_logged():
                self._system = self._pyaudio.PyAudio()
        except OSError as error:
            raise DeviceError(f"the sound system can't be reached: {_text(error)}") from error
        self._streams: list[Any] = []

    def input_devices(self) -> tuple[InputDevice, ...]:
        """Lists what can be recorded from, in PortAudio's order."""
        count = self._system.get_device_count()
        every = [self._system.get_device_info_by_index(index) for index in range(count)]
        default = self._default_input()
        return tuple(
            InputDevice(
                index=int(info["index"]),
                name=str(info["name"]),
                channels=int(info["maxInputChannels"]),
                default_rate_hz=round(info["defaultSampleRate"]),
                is_default=info["index"] == default,
            )
            for info in every
            if info["maxInputChannels"] > 0
        )

    def takes(self, device: InputDevice, sample_rate_hz: int, channels: int) -> bool:
        """Says whether a device can record 16-bit samples at this rate."""
        try:
            with _system_noise_logged():
                self._system.is_format_supported(
                    sample_rate_hz,
                    input_device=device.index,
                    input_channels=channels,
                    input_format=self._pyaudio.paInt16,
                )
        except ValueError:
            return False
        return True

    def open_input(self, device: InputDevice, layout: StreamFormat, callback: Callback) -> Any:
        """Opens a device for recording; its `start_stream` begins it.

        Raises:
            DeviceError: The device refuses.
        """
        opening = {"input": True, "input_device_index": device.index}
        return self._open(f"the microphone {device.name!r}", layout, callback, opening)

    def open_output(self, layout: StreamFormat, callback: Callback) -> Any:
        """Opens the default device for playing; its `start_stream` begins it.

        Raises:
            DeviceError: There is none, or it refuses.
        """
        return self._open("the loudspeaker", layout, callback, {"output": True})

    def close(self) -> None:
        """Stops and closes every stream opened here, and lets PortAudio go."""
        for stream in self._streams:
            stream.close()
        self._streams.clear()
        self._system.terminate()

    def _open(
        self, what: str, layout: StreamFormat, callback: Callback, opening: Mapping[str, object]
    ) -> Any:
        try:
            with _system_noise_logged():
                stream = self._system.open(
                    rate=layout.sample_rate_hz,
                    channels=layout.channels,
                    frames_per_buffer=layout.samples_per_buffer,
                    format=self._pyaudio.paInt16,
                    stream_callback=callback,
                    start=False,
                    **opening,
                )
        except (OSError, ValueError) as error:
            raise DeviceError(
                f"{what} can't be opened with {layout.channels} channel(s) at "
                f"{layout.sample_rate_hz} Hz: {_text(error)}; is another program using it?"
            ) from error
        self._streams.append(stream)
        return stream

    def _default_input(self) -> int | None:
        try:
            return int(self._system.get_default_input_device_info()["index"])
        except OSError:
            return None


def _imported() -> Any:
    try:
        return importlib.import_module("pyaudio")
    except ImportError as error:
        raise UsageError(
            "a microphone or a loudspeaker needs PortAudio and PyAudio: install the system package "
            "portaudio19-dev (macOS: brew install portaudio) and a C compiler, then run "
            f"`make setup` in Fermata's folder ({error})"
        ) from error


def _text(error: OSError | ValueError) -> str:
    """PyAudio gives (number, text), or (text, number)."""
    texts = [str(part) for part in error.args if isinstance(part, str)]
    return texts[0] if texts else str(error)


@contextmanager
def _system_noise_logged() -> Iterator[None]:
    """Catches what C libraries write to standard error meanwhile; Python can't ask them not to."""
    kept = os.dup(_STDERR)
    with tempfile.TemporaryFile() as noise:
        os.dup2(noise.fileno(), _STDERR)
        try:
            yield
        finally:
            os.dup2(kept, _STDERR)
            os.close(kept)
            noise.seek(0)
            _log.debug("the sound system said: %s", noise.read().decode(errors="replace"))
