"""A Gladia session: it outlives the connections over which audio comes in and messages go out."""

import asyncio
import json
import logging
import time
from collections.abc import Sequence
from typing import Any

from fermata.localserver.gateway.model import answer
from fermata.localserver.gladia import messages
from fermata.localserver.gladia.messages import Topic, is_wanted
from fermata.localserver.gladia.request import LiveRequest
from fermata.localserver.gladia.utterance_rule import Happening, UtteranceRule, What
from fermata.localserver.streaming.hearing import Hearing
from fermata.localserver.streaming.pcm import PcmDecoder
from fermata.localserver.streaming.records import StreamRecord
from fermata.localserver.streaming.timeline import Step

JsonObject = dict[str, Any]

SUMMARY_WORDS = 100

_logger = logging.getLogger(__name__)


class Channel:
    """One channel of a session: what is heard in it, and where its utterances end."""

    def __init__(self, number: int, hearing: Hearing, request: LiveRequest) -> None:
        self.number = number
        self.hearing = hearing
        self.rule = UtteranceRule(
            round(request.endpointing * 1000),
            round(request.maximum_duration_without_endpointing * 1000),
        )
        self.utterances = 0


class Talk:
    """Turns the audio of a session into messages, in order.

    Messages that are due while there is no connection wait in `outbox` for the next one; None is
    the last thing in it.

    Attributes:
        outbox: The messages to send.
        record: How the session fares.
        sent: All messages there were, wanted or not, as JSON.
        utterances: All final ones.
        completed: When all was worked on, None before.
        failed: Whether the engine failed.
    """

    def __init__(
        self,
        session_id: str,
        request: LiveRequest,
        record: StreamRecord,
        hearings: Sequence[Hearing],
    ) -> None:
        self.outbox: asyncio.Queue[JsonObject | None] = asyncio.Queue()
        self.sent: list[str] = []
        self.utterances: list[JsonObject] = []
        self.failed = False
        self.delay_s = 0.0
        self._id = session_id
        self._request = request
        self.record = record
        self.completed: str | None = None
        self._inbox: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._waiting_bytes = 0
        self._channels = [
            Channel(number, hearing, request) for number, hearing in enumerate(hearings)
        ]
        self._decoder = PcmDecoder(
            request.codec, request.sample_rate, request.channels, request.bytes_per_sample
        )
        self._began_s = time.monotonic()
        self._stopped = False
        self._work = asyncio.create_task(self._run())

    def receive(self, audio: bytes) -> JsonObject | None:
        """Takes in audio; gives back its acknowledgment, if those are wanted.

        It is for the connection that the audio came over: another one may be told other bytes.
        """
        first = self.record.audio_bytes
        self.record.receive(audio)
        self._waiting_bytes += len(audio)
        self._inbox.put_nowait(audio)
        bytes_per_s = self._request.bytes_per_s
        end = self.record.audio_bytes
        acknowledged = messages.audio_acknowledged(first, end, bytes_per_s)
        return self._note(Topic.ACKNOWLEDGMENT, acknowledged)

    def stop(self) -> None:
        """No more audio comes; a second call does nothing."""
        if self._stopped:
            return
        self._stopped = True
        self.record.finished = True
        left_s = self._waiting_bytes / self._request.bytes_per_s
        self.say(Topic.ACKNOWLEDGMENT, messages.stop_acknowledged(self.record.audio_s, left_s))
        self._inbox.put_nowait(None)

    def say(self, topic: Topic, message: JsonObject) -> None:
        """Sends a message, if messages of that topic are wanted."""
        if (full := self._note(topic, message)) is not None:
            self.outbox.put_nowait(full)

    def _note(self, topic: Topic, message: JsonObject) -> JsonObject | None:
        """Keeps a message; gives it back if messages of that topic are wanted."""
        full = {"session_id": self._id, "created_at": messages.now(), **message}
        self.sent.append(json.dumps(full))
        return full if is_wanted(topic, self._request.messages_config) else None

    async def close(self) -> None:
        """Gives up what is under way."""
        self._work.cancel()
        await asyncio.gather(self._work, return_exceptions=True)

    async def _run(self) -> None:
        """Works on the audio until it is over, then says what it all was."""
        try:
            while (audio := await self._inbox.get()) is not None:
                await self._hear(audio)
            await self._finish()
        except Exception:
            _logger.exception("the Gladia session %s failed", self._id)
            self.failed = True
        self.completed = messages.now()
        self.outbox.put_nowait(None)

    async def _hear(self, audio: bytes) -> None:
        """Listens to some audio."""
        await asyncio.sleep(self.delay_s)
        self._waiting_bytes -= len(audio)
        behind_ms = self._waiting_bytes * 1000 // self._request.bytes_per_s
        for channel, samples in zip(self._channels, self._decoder.decode(audio), strict=True):
            self._take(channel, await channel.hearing.hear(samples, behind_ms))

    async def _finish(self) -> None:
        """The last utterances, and what comes after them."""
        for channel in self._channels:
            self._take(channel, await channel.hearing.finish())
            self._tell(channel, channel.rule.finish())
        duration = {"recording_duration": self.record.audio_s}
        self.say(Topic.LIFECYCLE, messages.lifecycle("end_recording", duration))
        self.say(Topic.POST, messages.post("post_transcript", self.transcription()))
        if self._request.post_processing.summarization:
            summary = answer([self.transcription()["full_transcript"]], SUMMARY_WORDS).content
            self.say(Topic.POST, messages.summary(summary))
        self.say(Topic.POST, messages.post("post_final_transcript", self.result()))
        self.say(Topic.LIFECYCLE, messages.lifecycle("end_session"))

    def transcription(self) -> JsonObject:
        """All utterances so far."""
        said = sorted(self.utterances, key=lambda one: (one["start"], one["channel"]))
        return {
            "full_transcript": " ".join(one["text"] for one in said),
            "languages": [messages.LANGUAGE] if said else [],
            "utterances": said,
        }

    def result(self) -> JsonObject:
        """All utterances, and what is billed: each channel's audio."""
        audio_s = self.record.audio_s
        metadata = {
            "audio_duration": round(audio_s, 3),
            "number_of_distinct_channels": self._request.channels,
            "billing_time": round(audio_s * self._request.channels, 3),
            "transcription_time": round(time.monotonic() - self._began_s, 3),
        }
        return {"metadata": metadata, "transcription": self.transcription()}

    def _take(self, channel: Channel, steps: Sequence[Step]) -> None:
        """What happened in some steps of a channel."""
        for step in steps:
            self._tell(channel, channel.rule.advance(step))

    def _tell(self, channel: Channel, happenings: Sequence[Happening]) -> None:
        """Says what happened."""
        for happening in happenings:
            match happening.what:
                case What.SPEECH_START | What.SPEECH_END as what:
                    speech = messages.speech(what.value, happening.at_ms, channel.number)
                    self.say(Topic.SPEECH, speech)
                case What.PARTIAL if happening.words:
                    written = channel.hearing.language.written(happening.words)
                    said = messages.utterance(written, channel.number)
                    partial = messages.transcript(channel.utterances, said, final=False)
                    self.say(Topic.PARTIAL, partial)
                case What.FINAL:
                    self._tell_final(channel, happening)

    def _tell_final(self, channel: Channel, happening: Happening) -> None:
        """Says an utterance for good."""
        written = channel.hearing.language.ended(happening.words)
        said = messages.utterance(written, channel.number)
        self.utterances.append(said)
        self.say(Topic.FINAL, messages.transcript(channel.utterances, said, final=True))
        channel.utterances += 1
