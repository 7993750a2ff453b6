"""The capture thread: takes audio from a source and hands it out, in real time.

Nothing here waits for the network or for a person's loudspeaker. When the source ends, fails
or is told to stop, every buffer is closed, so whoever reads them comes to an end too.
"""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from threading import Event, Thread

from fermata.live.buffer import FrameBuffer
from fermata.live.frames import Block, split_channels
from fermata.live.levels import rms_dbfs
from fermata.live.pacing import Pacer
from fermata.live.playback import Playback
from fermata.live.recorder import WavRecorder
from fermata.live.sources import Losses, Source

_log = logging.getLogger(__name__)

OnLevels = Callable[[tuple[float, ...]], object]


@dataclass(frozen=True, slots=True)
class _Heard:
    """When a block was complete: the sample after it, and that moment of the monotonic clock."""

    end_sample: int
    at_s: float


class Capture:
    """Reads a source on its own thread until it ends, fails, or `stop` is set.

    Args:
        source: Where the audio comes from; closed at the end.
        buffers: One per channel of the source, in order; closed at the end.
        stop: Set by anyone to end the capture within one block.
        recorder: Keeps the audio; closed at the end. A disk that fails ends the recording and
            not the session, see `recording_error`.
        playback: Lets a person listen; closed at the end.
        on_levels: Called on the capture thread for every block with the level of each channel
            in dBFS; it must return at once.
    """

    def __init__(
        self,
        source: Source,
        buffers: Sequence[FrameBuffer],
        *,
        stop: Event,
        recorder: WavRecorder | None = None,
        playback: Playback | None = None,
        on_levels: OnLevels | None = None,
    ) -> None:
        self._source = source
        self._buffers = tuple(buffers)
        self._stop = stop
        self._recorder = recorder
        self._playback = playback
        self._on_levels = on_levels
        self._heard: _Heard | None = None
        self._error: Exception | None = None
        self._recording_error: OSError | None = None
        self._thread = Thread(target=self._run, name=f"capture {source.name}", daemon=True)

    def start(self) -> None:
        """Starts the thread; the first sample counts as spoken now."""
        self._thread.start()

    def wait(self, timeout_s: float) -> bool:
        """Waits for the end of the capture and says whether it has come."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def close(self, timeout_s: float = 2.0) -> bool:
        """Ends the capture, even one never started, and says whether it ended in time."""
        self._stop.set()
        self._source.close()
        if self._thread.ident is None:
            self._close_all()
            return True
        return self.wait(timeout_s)

    def raise_if_failed(self) -> None:
        """Raises in the calling thread what ended the capture, if it was an error."""
        if self._error is not None:
            raise self._error

    @property
    def losses(self) -> Losses:
        """What the source could not hand over so far."""
        return self._source.losses

    @property
    def captured_s(self) -> float:
        """How much of the source was read so far, in seconds."""
        return self.captured_samples / self._source.sample_rate_hz

    @property
    def captured_samples(self) -> int:
        """How much of the source was read so far, in samples per channel."""
        return self._heard.end_sample if self._heard else 0

    @property
    def recording_error(self) -> OSError | None:
        """Why the recording ended before the session did, if it did."""
        return self._recording_error

    def spoken_at_s(self, sample: int) -> float | None:
        """When a sample was spoken, on the clock of `time.monotonic`.

        Reckoned from the newest block, so that a sound card whose clock is a little off stays
        right. None before the first block.
        """
        if (heard := self._heard) is None:
            return None
        return heard.at_s - (heard.end_sample - sample) / self._source.sample_rate_hz

    def _run(self) -> None:
        """The thread: hands out blocks to the end, and closes everything, come what may."""
        try:
            with closing(self._source):
                self._hand_out_all()
        except Exception as error:  # noqa: BLE001 - carried to the main thread, whatever it is
            _log.warning("capturing %s ended with an error: %s", self._source.name, error)
            self._error = error
        finally:
            self._close_all()

    def _close_all(self) -> None:
        for buffer in self._buffers:
            buffer.close()
        self._end_recording()
        if self._playback is not None:
            self._playback.close()

    def _hand_out_all(self) -> None:
        pacer = Pacer(self._source.sample_rate_hz, self._stop.wait)
        with closing(self._source.blocks()) as blocks:
            for block in blocks:
                if self._source.is_live:
                    told_to_stop = self._stop.is_set()
                else:
                    told_to_stop = pacer.wait_for(block.end_sample)
                if told_to_stop:
                    return
                self._heard = _Heard(block.end_sample, time.monotonic())
                self._hand_out(block)

    def _hand_out(self, block: Block) -> None:
        """Gives a block to the senders first: they are the ones for whom every moment counts."""
        for buffer, frame in zip(self._buffers, split_channels(block), strict=True):
            buffer.push(frame)
        self._record(block)
        if self._playback is not None:
            self._playback.play(block)
        if self._on_levels is not None:
            self._on_levels(rms_dbfs(block.samples))

    def _record(self, block: Block) -> None:
        if self._recorder is None or self._recording_error is not None:
            return
        try:
            self._recorder.write(block)
        except OSError as error:
            self._give_up_recording(error)

    def _end_recording(self) -> None:
        if self._recorder is None:
            return
        try:
            self._recorder.close()
        except OSError as error:
            self._give_up_recording(error)

    def _give_up_recording(self, error: OSError) -> None:
        _log.error("the recording ends here, the session goes on: %s", error)
        self._recording_error = error
