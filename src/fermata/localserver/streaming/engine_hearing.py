"""What is heard in a channel that nobody knows: Silero for speech, PocketSphinx for words.

A stretch of speech is recognised once 128 ms of silence follow it, in the processes and by the
ways of the pre-recorded side. For sessions that tell words amid speech, what there is of it is
recognised now and then while it goes on, ever more rarely as it gets longer, so that all of this
costs no more than about four times the stretch itself.
"""

import wave
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np

from fermata.audio import NotAudioError, Samples
from fermata.localserver.engine.pool import EngineError, EnginePool
from fermata.localserver.engine.protocol import Layout
from fermata.localserver.streaming.language import Heard, Language
from fermata.localserver.streaming.pcm import Pcm
from fermata.localserver.streaming.refusal import CANCELLED, RefusalError
from fermata.localserver.streaming.timeline import Step, Word
from fermata.speech_detection.resampling import Resampler
from fermata.speech_detection.silero import (
    RATE_HZ,
    SHORTEST_SILENCE_WINDOWS,
    WINDOW_SAMPLES,
    VoiceDetector,
)

WINDOW_MS = WINDOW_SAMPLES * 1000 // RATE_HZ

LEAD_WINDOWS = 9
"""288 ms before the speech, for the softer sounds that Silero misses at its beginning."""

PARTIAL_EVERY_MS = 400
PARTIAL_GROWTH = 0.5
"""After the first uncertain words come others every `PARTIAL_EVERY_MS` or, where that is
longer, every half of what was said."""

LONGEST_STRETCH_MS = 15_000
"""Longer speech is recognised in parts, cut before the last word so far."""

TOO_FAR_BEHIND_MS = 300
"""With this much audio waiting, uncertain words are left out, to catch up."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a session wants to hear.

    Attributes:
        vad_threshold: What probability counts as speech.
        first_partial_ms: When the first uncertain words amid speech are wanted, None for never.
    """

    vad_threshold: float
    first_partial_ms: int | None


class EngineHearing:
    """Listens to one channel.

    Args:
        pool: The processes that recognise.
        folder: Where the stretches to recognise lie for as long as that takes.
        rate_hz: The rate of the session's audio.
        wanted: What counts as speech, and when uncertain words are wanted.
        start_ms: Where in the session the listening begins.
    """

    language: Language = Heard()

    def __init__(
        self, pool: EnginePool, folder: Path, rate_hz: int, wanted: Wanted, start_ms: int
    ) -> None:
        self._pool = pool
        self._folder = folder
        self._resampler = Resampler(rate_hz, RATE_HZ)
        self._detector = VoiceDetector()
        self._threshold = wanted.vad_threshold
        self._first_partial_ms = wanted.first_partial_ms
        self._rest: Samples = np.empty(0, dtype=np.float32)
        self._now_ms = start_ms
        self._lead: deque[Samples] = deque(maxlen=LEAD_WINDOWS)
        self._stretch: list[Samples] = []
        self._quiet_windows = 0
        self._next_partial_ms: int | None = None
        self._last_end_ms = 0
        self._speaking = False
        self.speech_probability = 0.0

    def listen_from(self, vad_threshold: float) -> None:
        """Takes another probability for speech from now on."""
        self._threshold = vad_threshold

    async def hear(self, samples: Pcm, behind_ms: int) -> list[Step]:
        """The steps that came with some samples, in windows of 32 ms.

        Raises:
            RefusalError: 3005: the engine failed.
        """
        audio = np.concatenate([self._rest, self._resampler.resample(samples)], dtype=np.float32)
        whole = len(audio) // WINDOW_SAMPLES * WINDOW_SAMPLES
        self._rest = audio[whole:]
        probabilities = self._detector.probabilities(audio[:whole])
        windows = audio[:whole].reshape(-1, WINDOW_SAMPLES)
        return [
            await self._window(window, float(probability), behind_ms)
            for window, probability in zip(windows, probabilities, strict=True)
        ]

    async def settle(self) -> list[Step]:
        """Recognises what isn't yet, for good.

        Raises:
            RefusalError: 3005: the engine failed.
        """
        final = await self._end_stretch() if self._stretch else ()
        return [Step(self._now_ms, self._speaking, final=final, tentative=())]

    async def finish(self) -> list[Step]:
        """Recognises what isn't yet; less than 32 ms at the end are not listened to."""
        return await self.settle()

    async def _window(self, window: Samples, probability: float, behind_ms: int) -> Step:
        """The step of one window."""
        self._now_ms += WINDOW_MS
        self._speaking = probability >= self._threshold
        self.speech_probability = probability
        if not self._stretch and not self._speaking:
            self._lead.append(window)
            return Step(self._now_ms, speech=False)
        if not self._stretch:
            self._stretch = list(self._lead)
            self._plan_partial()
        self._stretch.append(window)
        self._quiet_windows = 0 if self._speaking else self._quiet_windows + 1
        return await self._step(behind_ms)

    async def _step(self, behind_ms: int) -> Step:
        """The step of a window amid a stretch of speech."""
        if self._quiet_windows >= SHORTEST_SILENCE_WINDOWS:
            final = await self._end_stretch()
            return Step(self._now_ms, self._speaking, final=final, tentative=())
        if len(self._stretch) * WINDOW_MS >= LONGEST_STRETCH_MS:
            final, tentative = await self._cut_stretch()
            return Step(self._now_ms, self._speaking, final, tentative, settled=False)
        due_ms = self._next_partial_ms
        if due_ms is not None and self._now_ms >= due_ms and behind_ms <= TOO_FAR_BEHIND_MS:
            tentative = await self._recognise()
            pause_ms = max(PARTIAL_EVERY_MS, PARTIAL_GROWTH * len(self._stretch) * WINDOW_MS)
            self._next_partial_ms = self._now_ms + int(pause_ms)
            return Step(self._now_ms, self._speaking, tentative=tentative, settled=False)
        return Step(self._now_ms, self._speaking, settled=False)

    async def _end_stretch(self) -> tuple[Word, ...]:
        """The words of a stretch that is over; its last windows lead to the next one."""
        words = await self._recognise()
        self._lead.clear()
        self._lead.extend(self._stretch[len(self._stretch) - self._quiet_windows :])
        self._stretch = []
        self._quiet_windows = 0
        self._remember(words)
        return words

    async def _cut_stretch(self) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
        """The words of a stretch that is too long, but for the last, which begins the next."""
        words = await self._recognise()
        keep_from_ms = words[-1].start_ms if words else self._now_ms
        windows = max(1, (self._now_ms - keep_from_ms) // WINDOW_MS)
        self._stretch = self._stretch[-windows:]
        self._plan_partial()
        self._remember(words[:-1])
        return words[:-1], words[-1:]

    def _plan_partial(self) -> None:
        """Plans the first uncertain words of a stretch, if there shall be any."""
        first_ms = self._first_partial_ms
        self._next_partial_ms = None if first_ms is None else self._now_ms + first_ms

    def _remember(self, words: tuple[Word, ...]) -> None:
        """Keeps in mind how far the certain words reach."""
        if words:
            self._last_end_ms = words[-1].end_ms

    async def _recognise(self) -> tuple[Word, ...]:
        """The words of the stretch so far, but for those that are certain already."""
        start_ms = self._now_ms - len(self._stretch) * WINDOW_MS
        path = self._folder / f"{uuid4().hex}.stretch.wav"
        try:
            _write(path, np.concatenate(self._stretch))
            heard = await self._pool.transcribe(path, Layout.MIXED)
        except (EngineError, NotAudioError) as error:
            raise RefusalError(3005, CANCELLED) from error
        finally:
            path.unlink(missing_ok=True)
        (channel,) = heard.channels
        words = (
            Word(said.text, start_ms + said.start_ms, start_ms + said.end_ms, said.confidence)
            for said in channel
        )
        return tuple(word for word in words if word.start_ms + word.end_ms > 2 * self._last_end_ms)


async def warm_up(pool: EnginePool, folder: Path) -> None:
    """Has a process started, for one takes a second to, and the first words would wait for it."""
    path = folder / f"{uuid4().hex}.silence.wav"
    _write(path, np.zeros(WINDOW_SAMPLES, dtype=np.float32))
    try:
        with suppress(EngineError):
            await pool.transcribe(path, Layout.MIXED)
    finally:
        path.unlink(missing_ok=True)


def _write(path: Path, samples: Samples) -> None:
    """Writes a stretch as a WAV file, which the engine's processes read."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(np.rint(samples * 32768).clip(-32768, 32767).astype("<i2").tobytes())
