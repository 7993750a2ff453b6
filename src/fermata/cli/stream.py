"""`fermata stream`: the flow `stream` in this process, with live captions."""

import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from config.sources import LiveInput, MicrophoneInput, RecordingInput
from config.streaming import StreamingProvider, choose_provider
from config.turns import PresetChoice, TurnRequest, choose_turns
from config.watching import View, ViewFor, Watching, watched_by
from config.wiring import storage
from fermata.cli.captions import captions_for, json_captions
from fermata.cli.log_lines import LogLines, handling_log
from fermata.cli.signals import stopping_on_signals
from fermata.cli.starting import bring_up_prefect
from fermata.errors import UsageError

MICROPHONE = "mic"
_EXIT_DONE = 0
_EXIT_FAILED = 1
_EXIT_INTERRUPTED = 130


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class StreamOptions:
    """The options of `fermata stream`.

    Attributes:
        source: mic, or a recording: any audio file, one session for each channel.
        device: Number of the microphone or a part of its name; the default one without.
        channels: Channels of the microphone; one session is opened for each.
        provider: Who listens; auto is AssemblyAI or Gladia where a key is set, else this machine.
        preset: auto is the newest calibration; or a preset by name.
        group: With --preset auto, whose calibration; that of all recordings without.
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
    channels: int = 1
    provider: StreamingProvider = StreamingProvider.AUTO
    preset: PresetChoice = PresetChoice.AUTO
    group: str | None = None
    min_turn_silence: int | None = None
    max_turn_silence: int | None = None
    speech_model: str | None = None
    speaker_labels: Annotated[bool, Parameter(negative=())] = False
    max_speakers: int | None = None
    llm_prompt: str | None = None
    llm_model: str = "claude-sonnet-4-6"
    summarise: Annotated[bool, Parameter(negative=())] = False
    save_audio: bool = True
    play: Annotated[bool, Parameter(negative=())] = False
    duration: int | None = None
    as_json: Annotated[bool, Parameter(name="--json", negative=())] = False

    @property
    def live_input(self) -> LiveInput:
        """The source as the flow takes it."""
        if self.source == MICROPHONE:
            return MicrophoneInput(device=self.device, channels=self.channels)
        return RecordingInput(path=self.source, play=self.play)

    @property
    def turn_request(self) -> TurnRequest:
        """The turn settings asked for."""
        return TurnRequest(
            self.preset,
            self.group,
            self.min_turn_silence,
            self.max_turn_silence,
            self.speech_model,
        )

    @property
    def flow_parameters(self) -> dict[str, Any]:
        """The parameters of the flow `stream`."""
        return {
            "source": self.live_input,
            "preset": self.preset,
            "group": self.group or "",
            "min_turn_silence_ms": self.min_turn_silence,
            "max_turn_silence_ms": self.max_turn_silence,
            "provider": self.provider,
            "speech_model": self.speech_model or "",
            "speaker_labels": self.speaker_labels,
            "max_speakers": self.max_speakers,
            "llm_prompt": self.llm_prompt or "",
            "llm_model": self.llm_model,
            "summarise": self.summarise,
            "save_audio": self.save_audio,
            "duration_s": self.duration,
        }


def stream(options: StreamOptions | None = None) -> int:
    """Stream a microphone or a recording with the turn settings learned from recordings.

    Ctrl-C ends the session in good order; what was said is kept under the data folder.
    """
    options = options or StreamOptions()
    terminal = Console(stderr=True, highlight=False)
    turns = _checked(options)
    bring_up_prefect(terminal)
    terminal.print(f"Turn settings: {turns}")
    stop = threading.Event()
    lines = LogLines(lambda text, style: terminal.print(Text(text, style=style), soft_wrap=True))
    watching = Watching(_view_for(options, lines), stop)
    with handling_log(lines), stopping_on_signals(stop), watched_by(watching):
        failed, message = _run_flow(options)
    terminal.print(message, style="red" if failed else "")
    if failed:
        return _EXIT_FAILED
    return _EXIT_INTERRUPTED if stop.is_set() else _EXIT_DONE


def _checked(options: StreamOptions) -> str:
    """Finds what is wrong before Prefect is brought up, and says what ends a turn."""
    if options.duration is not None and options.duration < 1:
        raise UsageError(
            f"--duration {options.duration} leaves nothing to stream: give at least 1 second, or "
            "leave it out to stream to the end"
        )
    choose_provider(options.provider)
    storage().check_writable()
    turns = choose_turns(options.turn_request)
    with_numbers = turns.settings
    # Opened and closed again: a missing file or microphone is found now.
    options.live_input.open(range(8_000, 96_001)).close()
    return (
        f"min_turn_silence {with_numbers.min_turn_silence_ms} ms, "
        f"max_turn_silence {with_numbers.max_turn_silence_ms} ms ({turns.origin})"
    )


def _view_for(options: StreamOptions, lines: LogLines) -> ViewFor:
    def view_for(session: str, channel_names: Sequence[str]) -> View:
        if options.as_json:
            captions = json_captions(_write_line, session)
        else:
            captions = captions_for(Console(highlight=False), channel_names)
            # Any other way to the terminal would tear the captions' live lines.
            lines.say = captions.say
        return View(captions, captions.on_levels, captions)

    return view_for


def _write_line(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()


def _run_flow(options: StreamOptions) -> tuple[bool, str]:
    # Imported late: Prefect takes two seconds, and reads the server's address as it is imported.
    from flows.stream import stream as flow  # noqa: PLC0415

    state = flow(**options.flow_parameters, return_state=True)
    result = state.result(raise_on_failure=False)
    if isinstance(result, BaseException):
        raise result
    if state.message is None:
        raise UsageError("the flow ended without a word; see its page in the Prefect UI")
    return state.is_failed(), state.message
