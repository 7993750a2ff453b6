"""The flow `calibrate-and-stream`: measure, choose, and stream with what was chosen."""

from dataclasses import asdict, dataclass
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from config.choices import Engine, PresetChoice, Publish, StreamingProvider
from config.logging import set_up_logging
from config.sources import MicrophoneInput, RecordingInput
from config.streaming import choose_provider
from fermata.report.result import CalibrationResult
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
    publish: Publish = Publish.AUTO,
    scope: str = "",
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
        publish: Whether to put the settings in force. auto: where none are, or this run rests on as
            many recordings; yes; no. The session runs with them whichever.
        scope: A name for what the settings belong to; empty for that of the recordings' folders.
    """
    set_up_logging()
    # Before an hour of transcription, not after it.
    choose_provider(provider)
    learned = _calibrated(
        recordings, group, accept_audio_hours, engine=engine, publish=publish, scope=scope
    )
    if isinstance(learned, State):
        return learned
    state: State[Any] = stream(
        source=source,
        preset=PresetChoice.AUTO,
        group=group,
        **asdict(learned),
        provider=provider,
        speech_model=speech_model,
        speaker_labels=speaker_labels,
        max_speakers=None,
        llm_prompt=llm_prompt,
        duration_s=duration_s,
        return_state=True,
    )
    return state


@dataclass(frozen=True, slots=True)
class _Learned:
    """What the session takes from the calibration; None leaves it to what is in force."""

    scope: str = ""
    min_turn_silence_ms: int | None = None
    max_turn_silence_ms: int | None = None


def _calibrated(
    recordings: list[str], group: str, accept_audio_hours: float | None, **others: Any
) -> _Learned | State[Any]:
    """What was learned; the run's state where it was to send too much, and a person must know."""
    state: State[Any] = calibrate(
        recordings, accept_audio_hours=accept_audio_hours, return_state=True, **others
    )
    result = state.result(raise_on_failure=False)
    if isinstance(result, TooMuchAudioError):
        return state
    return _learned(result, group) if isinstance(result, CalibrationResult) else _Learned()


def _learned(result: CalibrationResult, group: str) -> _Learned:
    calibration, publishing = result.calibration, result.publishing
    scope = calibration.scope
    found = {each.group: each for each in calibration.groups}
    of_group = found.get(group) if group else calibration.overall
    in_force = publishing is not None and publishing.is_published and not publishing.withheld
    if of_group is None or not of_group.total_gaps or in_force:
        return _Learned(scope)
    choice = of_group.choice
    return _Learned(scope, choice.min_turn_silence_ms, choice.max_turn_silence_ms)
