"""What one session does with audio and messages; it knows of no socket and no clock."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from fermata.localserver.streaming import server_messages
from fermata.localserver.streaming.config import StreamingConfig
from fermata.localserver.streaming.families import Family
from fermata.localserver.streaming.hearing import Hearing
from fermata.localserver.streaming.parameters import Changeable, GatewayRequest, Parameters
from fermata.localserver.streaming.pcm import PcmDecoder
from fermata.localserver.streaming.silence import SilenceWatch
from fermata.localserver.streaming.timeline import Step, Word
from fermata.localserver.streaming.turn_frames import TurnFrames, Written
from fermata.localserver.streaming.turn_rule import (
    PunctuationRule,
    TurnRule,
    UniversalStreamingRule,
)
from fermata.localserver.streaming.turn_state import Outcome

JsonObject = dict[str, Any]

Ask = Callable[[GatewayRequest, str], JsonObject | None]
"""Asks a model about a transcript; None where it doesn't answer."""


class StreamSession:
    """One session: audio and messages in, frames out.

    Attributes:
        parameters: What it goes by now.
    """

    def __init__(
        self, parameters: Parameters, config: StreamingConfig, hearing: Hearing, ask: Ask
    ) -> None:
        self.parameters = parameters
        self._hearing = hearing
        self._ask = ask
        self._decoder = PcmDecoder(
            parameters.encoding, parameters.sample_rate, 1, parameters.bytes_per_sample
        )
        self._rule = self._new_rule()
        self._frames = TurnFrames(parameters, config, lambda: hearing.language)
        self._silence = SilenceWatch()
        self._loudest = 0.0

    async def hear(self, audio: bytes, behind_ms: int) -> list[JsonObject]:
        """Takes in some audio; `behind_ms` of it are waiting after that.

        Raises:
            RefusalError: 3005: the engine failed.
        """
        (samples,) = self._decoder.decode(audio)
        steps = await self._hearing.hear(samples, behind_ms)
        self._loudest = max(self._loudest, self._hearing.speech_probability)
        return self._take(steps)

    async def force(self) -> list[JsonObject]:
        """Ends the turn now.

        Universal-3 makes words of all that was said first; Universal-Streaming answers with what
        it has, and what is being said is lost.
        """
        settled = []
        if self.parameters.family is not Family.UNIVERSAL_STREAMING:
            settled = self._take(await self._hearing.settle())
        return settled + self._write(self._rule.force())

    def update(self, change: Changeable) -> None:
        """Goes by other settings from now on."""
        self.parameters = self.parameters.changed(change)
        self._rule.change(self.parameters.turns)
        self._hearing.listen_from(self.parameters.turns.vad_threshold)

    async def finish(self) -> list[JsonObject]:
        """The last turn, and what comes after it."""
        heard = self._take(await self._hearing.finish())
        return heard + self._write(self._rule.finish()) + self._frames.last()

    def loudest(self) -> float:
        """The highest probability of speech since the last call."""
        loudest, self._loudest = self._loudest, 0.0
        return loudest

    def _new_rule(self) -> TurnRule:
        """The rule of the model's family."""
        turns = self.parameters.turns
        if self.parameters.family is Family.UNIVERSAL_STREAMING:
            return UniversalStreamingRule(turns, self._confidence)
        return PunctuationRule(turns, self._confidence)

    def _confidence(self, words: Sequence[Word]) -> float:
        """How sure it is that some words end a turn, in the language of what is heard now."""
        return self._hearing.language.confidence(words)

    def _take(self, steps: Iterable[Step]) -> list[JsonObject]:
        """The frames of some steps."""
        frames = []
        for step in steps:
            frames += self._write(self._rule.advance(step))
            if self._tells_silence:
                frames += [server_messages.silence(*one) for one in self._silence.advance(step)]
        return frames

    @property
    def _tells_silence(self) -> bool:
        """Whether silence is told; Universal-3 does, if asked."""
        universal_3 = self.parameters.family is not Family.UNIVERSAL_STREAMING
        return self.parameters.acknowledge_silence and universal_3

    def _write(self, outcomes: Iterable[Outcome]) -> list[JsonObject]:
        """The frames of some outcomes, each turn with what the model says about it."""
        return [
            frame
            for outcome in outcomes
            for frame in self._with_answer(self._frames.write(outcome))
        ]

    def _with_answer(self, written: Written) -> list[JsonObject]:
        """The frames of a turn, and the model's answer to it."""
        frames = list(written.frames)
        request = self.parameters.llm_gateway
        if written.transcript and request is not None:
            data = self._ask(request, written.transcript)
            if data is not None:
                order = frames[-1]["turn_order"]
                frames.append(server_messages.gateway_response(order, written.transcript, data))
        return frames
