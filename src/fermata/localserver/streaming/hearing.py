"""What is heard in the audio of a session: known words, or those that the engine finds."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np

from fermata.localserver.engine.pool import EnginePool
from fermata.localserver.references import References
from fermata.localserver.streaming.blocks import Blocks
from fermata.localserver.streaming.engine_hearing import EngineHearing, Wanted, warm_up
from fermata.localserver.streaming.known_audio import (
    SILENT,
    KnownAudio,
    Place,
    block_hash,
    block_samples,
    read_known_audio,
)
from fermata.localserver.streaming.language import Heard, Language
from fermata.localserver.streaming.pcm import Pcm
from fermata.localserver.streaming.reference_hearing import ReferenceHearing
from fermata.localserver.streaming.timeline import Step


class Hearing(Protocol):
    """Turns the samples of one channel into steps of audio time."""

    @property
    def language(self) -> Language:
        """How the words are written."""

    @property
    def speech_probability(self) -> float:
        """How likely it was, at last, that somebody was speaking."""

    def listen_from(self, vad_threshold: float) -> None:
        """Takes another probability for speech from now on."""

    async def hear(self, samples: Pcm, behind_ms: int) -> list[Step]:
        """The steps that came with some samples.

        Args:
            samples: Shape (samples,), at the session's rate.
            behind_ms: How much audio is waiting already.
        """

    async def settle(self) -> list[Step]:
        """Makes certain what was said so far."""

    async def finish(self) -> list[Step]:
        """The steps of what is left; nothing comes after it."""


class Hearings:
    """Begins to listen for the sessions of one server.

    Args:
        pool: The processes that recognise.
        folder: For short-lived files.
        references: The transcripts that are known.
    """

    def __init__(self, pool: EnginePool, folder: Path, references: References) -> None:
        self._pool = pool
        self._folder = folder
        self._references = references
        self._reading: asyncio.Task[KnownAudio] | None = None
        self._warming: set[asyncio.Task[None]] = set()

    async def begin(self, rate_hz: int, wanted: Wanted) -> Hearing:
        """Begins to listen to one channel.

        Args:
            rate_hz: The rate of its samples.
            wanted: What counts as speech, and when uncertain words are wanted.
        """

        def engine(start_ms: int, vad_threshold: float) -> Hearing:
            changed = replace(wanted, vad_threshold=vad_threshold)
            return EngineHearing(self._pool, self._folder, rate_hz, changed, start_ms)

        known = await self._known()
        if not known:
            warming = asyncio.create_task(warm_up(self._pool, self._folder))
            self._warming.add(warming)
            warming.add_done_callback(self._warming.discard)
        return UndecidedHearing(known, engine, rate_hz, wanted.vad_threshold)

    async def close(self) -> None:
        """Gives up what is under way."""
        tasks = [*self._warming, *([self._reading] if self._reading else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _known(self) -> KnownAudio:
        """The audio of the references, read when the first session begins."""
        if self._reading is None:
            read = asyncio.to_thread(read_known_audio, self._references.recordings)
            self._reading = asyncio.create_task(read)
        return await asyncio.shield(self._reading)


class UndecidedHearing:
    """Waits for the first block that tells whether the audio is known, then hands over.

    Until then all was digital silence.
    """

    def __init__(
        self,
        known: KnownAudio,
        engine: Callable[[int, float], Hearing],
        rate_hz: int,
        vad_threshold: float,
    ) -> None:
        self._known = known
        self._engine = engine
        self._rate_hz = rate_hz
        self._threshold = vad_threshold
        self._blocks = Blocks(block_samples(rate_hz))
        self._sample = 0
        self._chosen: Hearing | None = None

    @property
    def language(self) -> Language:
        """How the words are written."""
        return self._chosen.language if self._chosen else Heard()

    @property
    def speech_probability(self) -> float:
        """How likely it was, at last, that somebody was speaking."""
        return self._chosen.speech_probability if self._chosen else 0.0

    def listen_from(self, vad_threshold: float) -> None:
        """Takes another probability for speech from now on."""
        self._threshold = vad_threshold
        if self._chosen:
            self._chosen.listen_from(vad_threshold)

    async def hear(self, samples: Pcm, behind_ms: int) -> list[Step]:
        """The steps that came with some samples."""
        if self._chosen:
            return await self._chosen.hear(samples, behind_ms)
        steps = []
        blocks = self._blocks.add(samples)
        while blocks and (found := block_hash(blocks[0], self._rate_hz)) == SILENT:
            self._sample += len(blocks.pop(0))
            steps.append(Step(self._ms, speech=False))
        if blocks:
            self._chosen = self._choose(self._known.find(found))
            left = np.concatenate([*blocks, self._blocks.rest()], dtype=np.int16)
            steps += await self._chosen.hear(left, behind_ms)
        return steps

    async def settle(self) -> list[Step]:
        """Makes certain what was said so far."""
        return await self._chosen.settle() if self._chosen else []

    async def finish(self) -> list[Step]:
        """The steps of what is left."""
        if self._chosen is None:
            self._chosen = self._choose(None)
            await self._chosen.hear(self._blocks.rest(), 0)
        return await self._chosen.finish()

    def _choose(self, place: Place | None) -> Hearing:
        """The reference, where the audio is known; else the engine."""
        if place is None:
            return self._engine(self._ms, self._threshold)
        return ReferenceHearing(self._known, self._rate_hz, place, self._sample)

    @property
    def _ms(self) -> int:
        """How far the audio has come."""
        return self._sample * 1000 // self._rate_hz
