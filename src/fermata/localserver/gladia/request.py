"""What `POST /v2/live` asks for, as the service checks it: unknown fields are refused."""

from typing import Annotated, Any, Literal

from pydantic import Field

from fermata.localserver.gladia.processing import (
    Callback,
    Language,
    Part,
    PostProcessing,
    RealtimeProcessing,
)

REGIONS = ("us-west", "eu-west")
"""Where the audio may be processed (`StreamingSupportedRegions` of the OpenAPI document)."""


class LanguageConfig(Part):
    """Which languages are expected; the local engine knows English only."""

    languages: tuple[Language, ...] = ()
    code_switching: bool = False


class PreProcessing(Part):
    """What is done to the audio first; of it, only the threshold does anything here."""

    audio_enhancer: bool = False
    speech_threshold: Annotated[float, Field(ge=0, le=1)] = 0.6


class MessagesConfig(Part):
    """Which messages are sent."""

    receive_partial_transcripts: bool = False
    receive_final_transcripts: bool = True
    receive_speech_events: bool = True
    receive_pre_processing_events: bool = True
    receive_realtime_processing_events: bool = True
    receive_post_processing_events: bool = True
    receive_acknowledgments: bool = True
    receive_errors: bool = True
    receive_lifecycle_events: bool = False


class LiveRequest(Part):
    """What a session is asked for, with the documented defaults and ranges."""

    encoding: Literal["wav/pcm", "wav/alaw", "wav/ulaw"] = "wav/pcm"
    bit_depth: Literal[8, 16, 24, 32] = 16
    sample_rate: Literal[8000, 16000, 32000, 44100, 48000] = 16_000
    channels: Annotated[int, Field(ge=1, le=8)] = 1
    model: Literal["solaria-1"] = "solaria-1"
    endpointing: Annotated[float, Field(ge=0.01, le=10)] = 0.05
    maximum_duration_without_endpointing: Annotated[float, Field(ge=5, le=60)] = 5
    language_config: LanguageConfig = LanguageConfig()
    pre_processing: PreProcessing = PreProcessing()
    realtime_processing: RealtimeProcessing = RealtimeProcessing()
    post_processing: PostProcessing = PostProcessing()
    messages_config: MessagesConfig = MessagesConfig()
    callback: bool = False
    callback_config: Callback = Callback()
    custom_metadata: dict[str, Any] | None = None

    @property
    def codec(self) -> str:
        """FFmpeg's name of the encoding."""
        companded = {"wav/alaw": "pcm_alaw", "wav/ulaw": "pcm_mulaw"}
        linear = {8: "pcm_u8", 16: "pcm_s16le", 24: "pcm_s24le", 32: "pcm_s32le"}
        return companded.get(self.encoding, linear[self.bit_depth])

    @property
    def bytes_per_sample(self) -> int:
        """What a sample of one channel takes."""
        return self.bit_depth // 8 if self.encoding == "wav/pcm" else 1

    @property
    def bytes_per_s(self) -> int:
        """What a second of all channels takes."""
        return self.sample_rate * self.channels * self.bytes_per_sample

    @property
    def contradiction(self) -> str | None:
        """What is asked for without what it needs."""
        if self.callback and not self.callback_config.url:
            return "callback is true, but callback_config.url is missing"
        wanted = self.realtime_processing
        if wanted.translation and wanted.translation_config is None:
            return "translation is true, but translation_config is missing"
        return None
