"""The flow `stream` in this process, with live captions."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.text import Text

from config.ending import current_ending
from config.sources import LiveInput, MicrophoneInput, RecordingInput
from config.streaming import Extras, choose_provider
from config.turns import TurnRequest, choose_turns
from config.watching import View, ViewFor, Watching, watched_by
from config.wiring import storage
from fermata.assemblyai.gateway import Summary
from fermata.cli.captions import captions_for, json_captions
from fermata.cli.consoles import Terminal
from fermata.cli.log_lines import LogLines, handling_log
from fermata.cli.starting import bring_up_prefect
from fermata.cli.stream import MICROPHONE, StreamOptions
from fermata.errors import UsageError
from fermata.quoting import visible
from fermata.sessions.cleaning import Cleaner
from fermata.sessions.lines import LineWriter

if TYPE_CHECKING:
    from tasks.stream import StreamedSession

_EXIT_DONE = 0
_EXIT_FAILED = 1
_EXIT_USAGE = 2


def stream(options: StreamOptions) -> int:
    """Runs the flow and shows what is said; returns the exit code.

    Args:
        options: those of `fermata stream`.
    """
    terminal = Terminal(stderr=True)
    turns = _checked(options)
    bring_up_prefect(terminal)
    terminal.print(f"Turn settings: {turns}")
    ending = current_ending()
    assert ending is not None
    lines = LogLines(lambda text, style: terminal.print(Text(text, style=style), soft_wrap=True))
    watching = Watching(_view_for(options, lines), ending.stop)
    with handling_log(lines), watched_by(watching):
        failed, message, session = _run_flow(options)
    _show(session.summary if session else None, as_json=options.as_json)
    terminal.print(message, style="red" if failed else "")
    if failed:
        return _EXIT_USAGE if session and session.report.is_refused_account else _EXIT_FAILED
    return ending.exit_code if ending.is_asked_for else _EXIT_DONE


def _checked(options: StreamOptions) -> str:
    """Finds what is wrong before Prefect is brought up, and says what ends a turn."""
    if options.duration is not None and options.duration < 1:
        raise UsageError(
            f"--duration {options.duration} leaves nothing to stream: give at least 1 second, or "
            "leave it out to stream to the end"
        )
    _check_effects(options)
    choose_provider(options.provider)
    storage().check_writable()
    turns = choose_turns(_turn_request(options))
    with_numbers = turns.settings
    # Opened and closed again: a missing file or microphone is found now.
    _live_input(options).open(range(8_000, 96_001)).close()
    return (
        f"min_turn_silence {with_numbers.min_turn_silence_ms} ms, "
        f"max_turn_silence {with_numbers.max_turn_silence_ms} ms ({turns.origin})"
    )


def _check_effects(options: StreamOptions) -> None:
    """Makes sure that no option is given in vain."""
    from_microphone = options.source == MICROPHONE
    Extras(options.speaker_labels, options.max_speakers, options.llm_prompt, options.llm_model)
    for option, is_given, has_effect, needed in (
        ("--device", options.device, from_microphone, "--source mic"),
        ("--channels", options.channels, from_microphone, "--source mic"),
        ("--play", options.play, not from_microphone, "a recording as --source"),
        (
            "--llm-model",
            options.llm_model != StreamOptions().llm_model,
            options.llm_prompt or options.summarise,
            "--llm-prompt or --summarise",
        ),
    ):
        if is_given and not has_effect:
            raise UsageError(f"{option} has no effect without {needed}: give both, or leave it out")


def _view_for(options: StreamOptions, lines: LogLines) -> ViewFor:
    def view_for(session: str, channel_names: Sequence[str]) -> View:
        if options.as_json:
            captions = json_captions(_write_line, session)
        else:
            captions = captions_for(Terminal(), channel_names)
            # Any other way to the terminal would tear the captions' live lines.
            lines.say = captions.say
        return View(captions, captions.on_levels, captions)

    return view_for


def _write_line(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()


def _show(summary: Summary | None, *, as_json: bool) -> None:
    """Prints the summary where the captions are, as text or as a line for programs."""
    if summary is None:
        return
    cleaner = Cleaner()
    if as_json:
        _write_line(LineWriter(cleaner).line({"type": "summary", **summary.as_json()}))
    else:
        said = "\n".join(map(visible, cleaner.text(summary.text).strip().splitlines()))
        text = f"Summary ({visible(summary.model)}): {said}"
        Terminal().print(Text(text), soft_wrap=True)


def _run_flow(options: StreamOptions) -> tuple[bool, str, "StreamedSession | None"]:
    # Imported late: Prefect takes two seconds, and reads the server's address as it is imported.
    from flows.running import result_of, run_flow  # noqa: PLC0415
    from flows.stream import stream as flow  # noqa: PLC0415
    from tasks.stream import StreamedSession  # noqa: PLC0415 - likewise

    state = run_flow(flow, **_flow_parameters(options))
    # One that was cancelled in Prefect has a message, and no result there.
    result = None if state.is_cancelled() else result_of(state)
    if state.message is None:
        raise UsageError("the flow ended without a word; see its page in the Prefect UI")
    session = result if isinstance(result, StreamedSession) else None
    return state.is_failed(), state.message, session


def _live_input(options: StreamOptions) -> LiveInput:
    if options.source == MICROPHONE:
        return MicrophoneInput(device=options.device, channels=options.channels or 1)
    return RecordingInput(path=options.source, play=options.play)


def _turn_request(options: StreamOptions) -> TurnRequest:
    return TurnRequest(
        options.preset,
        options.group,
        options.min_turn_silence,
        options.max_turn_silence,
        options.speech_model,
        options.scope,
    )


def _flow_parameters(options: StreamOptions) -> dict[str, Any]:
    return {
        "source": _live_input(options),
        "preset": options.preset,
        "group": options.group or "",
        "scope": options.scope,
        "min_turn_silence_ms": options.min_turn_silence,
        "max_turn_silence_ms": options.max_turn_silence,
        "provider": options.provider,
        "speech_model": options.speech_model or "",
        "speaker_labels": options.speaker_labels,
        "max_speakers": options.max_speakers,
        "llm_prompt": options.llm_prompt or "",
        "llm_model": options.llm_model,
        "summarise": options.summarise,
        "save_audio": options.save_audio,
        "duration_s": options.duration,
    }
