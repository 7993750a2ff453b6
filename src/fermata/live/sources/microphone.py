"""A microphone, through PortAudio: chosen by number or name, of one or more channels."""

from collections.abc import Container, Generator, Sequence
from contextlib import closing
from threading import Lock

from fermata.errors import UsageError
from fermata.live.frames import BLOCK_MS, Block, samples_per_block
from fermata.live.sources import (
    FALLBACK_RATE_HZ,
    STREAMING_RATES_HZ,
    Losses,
    speaker_names,
)
from fermata.live.sources.intake import Intake, StalledError
from fermata.live.sources.portaudio import (
    GO_ON,
    INPUT_OVERFLOW,
    DeviceError,
    InputDevice,
    PortAudio,
    StreamFormat,
)

_QUEUED_MS = 10_000
_STALLED_AFTER_S = 3.0
_NONE = "none found, so stream a recording instead"


def input_devices() -> tuple[InputDevice, ...]:
    """Lists what can be recorded from.

    Raises:
        UsageError: PyAudio or PortAudio is not installed.
        DeviceError: The sound system can't be reached.
    """
    with closing(PortAudio()) as system:
        return system.input_devices()


def choose_device(devices: Sequence[InputDevice], wanted: int | str | None) -> InputDevice:
    """Picks a device by its number, its name, a part of its name, or the default one for None.

    Raises:
        UsageError: None or more than one fits; the text lists those to choose from.
    """
    exact = [device for device in devices if wanted in (device.index, device.name)]
    fitting = exact or [device for device in devices if _fits(device, wanted)]
    if len(fitting) == 1:
        return fitting[0]
    problem = "more than one microphone is called" if fitting else "there is no microphone"
    asked = "" if wanted is None else f" {wanted!r}"
    known = ", ".join(f"{device.index} {device.name!r}" for device in fitting or devices)
    raise UsageError(f"{problem}{asked}; choose by number or name from: {known or _NONE}")


def _fits(device: InputDevice, wanted: int | str | None) -> bool:
    if wanted is None:
        return device.is_default
    return isinstance(wanted, str) and wanted.casefold() in device.name.casefold()


def _complaint(error: StalledError | OSError) -> str:
    if isinstance(error, StalledError):
        return f"has given no audio for {_STALLED_AFTER_S:.0f} s: is it still plugged in?"
    return f"can't be started: {error}; is another program using it?"


class Microphone:
    """A source that comes at its own pace, see `fermata.live.sources.Source`.

    The device is opened at once, so that what is wrong is said before a session costs anything,
    and recorded from as soon as `blocks` is asked for the first one.

    Args:
        device: Number, name or part of the name; None takes the system's default.
        channels: How many channels to record, one speaker each.
        accepted_rates_hz: What the service takes. Recorded is at 16,000 Hz where the device can,
            otherwise at the device's own rate.

    Raises:
        UsageError: PyAudio is missing, or no single device fits.
        DeviceError: The device refuses the channels or every accepted rate, or is in use.
    """

    is_live = True
    duration_s = None

    def __init__(
        self,
        device: int | str | None = None,
        *,
        channels: int = 1,
        accepted_rates_hz: Container[int] = STREAMING_RATES_HZ,
    ) -> None:
        self._system = PortAudio()
        try:
            chosen = choose_device(self._system.input_devices(), device)
            self.name = chosen.name
            self.channel_names = speaker_names(channels)
            self.sample_rate_hz = self._rate_hz(chosen, channels, accepted_rates_hz)
            self._intake = Intake(channels, self.sample_rate_hz, _QUEUED_MS // BLOCK_MS)
            layout = StreamFormat(
                self.sample_rate_hz, channels, samples_per_block(self.sample_rate_hz)
            )
            self._stream = self._system.open_input(chosen, layout, self._received)
        except Exception:
            self._system.close()
            raise
        self._starting = Lock()
        self._taken = False

    def blocks(self) -> Generator[Block, None, None]:
        """Yields 50 ms at a time until `close` is called; the sample count goes on over losses.

        Raises:
            DeviceError: The device can't be started, or gave no audio for three seconds.
        """
        if not self._take():
            return
        with closing(self._system):
            try:
                self._stream.start_stream()
                yield from self._intake.blocks(_STALLED_AFTER_S)
            except (StalledError, OSError) as error:
                raise DeviceError(f"the microphone {self.name!r} {_complaint(error)}") from error

    def close(self) -> None:
        """Ends `blocks` soon and gives the device back; may be called from any thread.

        A device that hangs can hang whoever closes it, so that is left to the thread which reads
        the blocks, wherever there is one.
        """
        self._intake.end()
        if self._take():
            self._system.close()

    @property
    def losses(self) -> Losses:
        """What was lost so far."""
        return self._intake.losses

    def _take(self) -> bool:
        """Makes the caller, if it is the first, the one who gives the device back."""
        with self._starting:
            first = not self._taken
            self._taken = True
            return first

    def _received(
        self, pcm: bytes | None, _samples: int, _times: object, flags: int
    ) -> tuple[None, int]:
        """Called by PortAudio, on its own thread, for every 50 ms."""
        self._intake.receive(pcm or b"", overflowed=bool(flags & INPUT_OVERFLOW))
        return None, GO_ON

    def _rate_hz(self, device: InputDevice, channels: int, accepted_hz: Container[int]) -> int:
        for rate_hz in (FALLBACK_RATE_HZ, device.default_rate_hz):
            if rate_hz in accepted_hz and self._system.takes(device, rate_hz, channels):
                return rate_hz
        raise DeviceError(
            f"the microphone {device.name!r} (up to {device.channels} channels) can't record "
            f"{channels} channel(s) at a rate that the service takes; choose another device"
        )
