"""`fermata stream`: what the command takes."""

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from config.choices import PresetChoice, StreamingProvider

MICROPHONE = "mic"

# As in the forms of the flow.
Channels = Annotated[int, Parameter(validator=Number(gte=1, lte=32))]
SilenceMs = Annotated[int, Parameter(validator=Number(gte=50, lte=10_000))]
Speakers = Annotated[int, Parameter(validator=Number(gte=1, lte=10))]


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class StreamOptions:
    """The options of `fermata stream`.

    Attributes:
        source: mic, or a recording: any audio file here, one session for each channel.
        device: Number of the microphone or a part of its name; the default one without.
        channels: Channels of the microphone, 1 without; one session is opened for each.
        provider: Who listens; auto is AssemblyAI or Gladia where a key is set, else this machine.
        preset: auto is the newest calibration; or a preset by name.
        group: With --preset auto, whose calibration; that of all recordings without.
        scope: With --preset auto, in which scope; that of FERMATA_SCOPE or the main one without.
        min_turn_silence: Milliseconds of silence that end a turn which sounds complete.
        max_turn_silence: Milliseconds of silence that end any turn.
        speech_model: The service's model; that of FERMATA_STREAMING_MODEL without.
        speaker_labels: Tell speakers of one channel apart by voice.
        max_speakers: With --speaker-labels, how many at most.
        llm_prompt: Asked of a language model about each turn; {{turn}} stands for its words.
        llm_model: Which language model.
        summarise: Ask the language model for a summary of the whole session at its end.
        save_audio: Keep the audio as WAV.
        play: Play the recording on the loudspeaker.
        duration: End after so many seconds.
        as_json: Print one JSON object per line on stdout and nothing else there.
    """

    source: str = MICROPHONE
    device: str = ""
    channels: Channels | None = None
    provider: StreamingProvider = StreamingProvider.AUTO
    preset: PresetChoice = PresetChoice.AUTO
    group: str | None = None
    scope: str = ""
    min_turn_silence: SilenceMs | None = None
    max_turn_silence: SilenceMs | None = None
    speech_model: str | None = None
    speaker_labels: Annotated[bool, Parameter(negative=())] = False
    max_speakers: Speakers | None = None
    llm_prompt: str | None = None
    llm_model: str = "claude-sonnet-4-6"
    summarise: Annotated[bool, Parameter(negative=())] = False
    save_audio: bool = True
    play: Annotated[bool, Parameter(negative=())] = False
    duration: int | None = None
    as_json: Annotated[bool, Parameter(name="--json", negative=())] = False


def stream(options: StreamOptions | None = None) -> int:
    """Stream a microphone or a recording with the turn settings learned from recordings.

    Ctrl-C ends the session in good order; what was said is kept under the data folder.
    """
    from fermata.cli.work.stream import stream as work  # noqa: PLC0415 - see work

    return work(options or StreamOptions())
