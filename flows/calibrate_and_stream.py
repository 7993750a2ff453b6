"""The flow `calibrate-and-stream`: measure, choose, and stream with what was chosen."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from config.choices import Engine, PresetChoice, StreamingProvider
from config.logging import set_up_logging
from config.sources import MicrophoneInput, RecordingInput
from config.streaming import choose_provider
from fermata.runs.volume import TooMuchAudioError
from flows.calibrate import calibrate
from flows.stream import stream


@flow(
    name="calibrate-and-stream",
    flow_run_name="calibrate and stream",
    persist_result=False,
)
def calibrate_and_stream(
    recordings: list[str],
    source: MicrophoneInput | RecordingInput = Field(
        default=MicrophoneInput(), discriminator="kind", description="Where the audio comes from"
    ),
    engine: Engine = Engine.AUTO,
    group: str = "",
    provider: StreamingProvider = StreamingProvider.AUTO,
    speech_model: str = "",
    speaker_labels: bool = False,
    llm_prompt: str = "",
    duration_s: int | None = Field(default=None, ge=1),
    accept_audio_hours: float | None = None,
) -> State[Any]:
    """Calibrate on recordings, then stream with the settings that follow from them.

    Where no recording can be analysed, the session runs with the newest calibration there is,
    or with Balanced, as AssemblyAI's guide has it.

    Args:
        recordings: Folders, files, http(s) addresses or fsspec URLs (s3://bucket/calls).
        engine: Who transcribes. auto: AssemblyAI where a key is set, else the local engine.
        group: Whose calibration to stream with; empty for that of all recordings.
        provider: Who listens. auto is AssemblyAI or Gladia where a key is set, else this machine.
        speech_model: The streaming service's model; empty for that of the settings.
        speaker_labels: Tell speakers of one channel apart by voice.
        llm_prompt: Asked of a language model about each turn; {{turn}} stands for its words.
        duration_s: End after so many seconds; None for the end of the recording, or until stopped.
        accept_audio_hours: The most audio to send, if more than FERMATA_MAX_AUDIO_HOURS_PER_RUN.
    """
    set_up_logging()
    # Before an hour of transcription, not after it.
    choose_provider(provider)
    calibrated: State[Any] = calibrate(
        recordings, engine=engine, accept_audio_hours=accept_audio_hours, return_state=True
    )
    if isinstance(calibrated.result(raise_on_failure=False), TooMuchAudioError):
        return calibrated
    state: State[Any] = stream(
        source=source,
        preset=PresetChoice.AUTO,
        group=group,
        min_turn_silence_ms=None,
        max_turn_silence_ms=None,
        provider=provider,
        speech_model=speech_model,
        speaker_labels=speaker_labels,
        max_speakers=None,
        llm_prompt=llm_prompt,
        duration_s=duration_s,
        return_state=True,
    )
    return state
