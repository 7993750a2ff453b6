"""The flow `stream`: a live session with the chosen parameters, from microphone or recording."""

from dataclasses import replace
from typing import Any

from prefect import flow, runtime
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed
from pydantic import Field

from config.choices import PresetChoice, StreamingProvider
from config.logging import set_up_logging
from config.sources import MicrophoneInput, RecordingInput
from config.streaming import Extras, choose_provider, streaming_service
from config.turns import TurnRequest, choose_turns
from config.wiring import storage
from fermata.live.report import SessionReport
from fermata.quoting import quoted
from fermata.sessions import recover
from flows.stoppable import stoppable_session, stopped
from tasks.policy import unvisited
from tasks.session_report import report_session
from tasks.stream import StreamedSession, StreamRequest, stream_session
from tasks.summarise import summarise_session


def _run_name() -> str:
    source = runtime.flow_run.parameters.get("source")
    return quoted(f"stream {getattr(source, 'path', None) or 'microphone'}")


@flow(name="stream", flow_run_name=_run_name, persist_result=False)
@stoppable_session
def stream(
    source: MicrophoneInput | RecordingInput = Field(
        default=MicrophoneInput(), discriminator="kind", description="Where the audio comes from"
    ),
    preset: PresetChoice = PresetChoice.AUTO,
    group: str = "",
    scope: str = "",
    min_turn_silence_ms: int | None = Field(default=None, ge=50, le=10_000),
    max_turn_silence_ms: int | None = Field(default=None, ge=50, le=10_000),
    provider: StreamingProvider = StreamingProvider.AUTO,
    speech_model: str = "",
    speaker_labels: bool = False,
    max_speakers: int | None = Field(default=None, ge=1, le=10),
    llm_prompt: str = "",
    llm_model: str = "claude-sonnet-4-6",
    summarise: bool = False,
    save_audio: bool = True,
    duration_s: int | None = Field(default=None, ge=1),
) -> State[Any]:
    """Stream a microphone or a recording with turn-detection settings learned from recordings.

    One session is opened for each channel, ended whatever happens, and its billed seconds are
    reported. Turns, words and audio are kept under the data folder.

    Args:
        preset: auto is the calibration in force; or one of the three presets by name.
        group: With auto, whose calibration; empty for that of all recordings.
        scope: With auto, whose settings where several teams' are kept; empty for the main ones.
        min_turn_silence_ms: Ends a turn that sounds complete; None for the preset's.
        max_turn_silence_ms: Ends any turn; None for the preset's.
        provider: Who listens. auto is AssemblyAI or Gladia where a key is set, else this machine.
        speech_model: The service's model; empty for that of the settings.
        speaker_labels: Tell speakers of one channel apart by voice.
        max_speakers: With speaker_labels, how many at most; None for no bound.
        llm_prompt: Asked of a language model about each turn; {{turn}} stands for its words.
        llm_model: Which language model.
        summarise: Ask the language model for a summary of the whole session at its end.
        save_audio: Keep the audio as WAV.
        duration_s: End after so many seconds; None for the end of the recording, or until stopped.
    """
    set_up_logging()
    # Before anything is billed that could not be kept.
    storage().check_writable()
    recover(storage())
    silences = min_turn_silence_ms, max_turn_silence_ms
    turns = choose_turns(TurnRequest(preset, group or None, *silences, speech_model or None, scope))
    extras = Extras(speaker_labels, max_speakers, llm_prompt or None, llm_model)
    request = StreamRequest(source, turns, extras, group or None, save_audio, duration_s)
    with streaming_service(choose_provider(provider)) as service:
        session = stream_session(unvisited(request), service)
        if summarise:
            summary = summarise_session(unvisited(session), service, llm_model)
            session = replace(session, summary=summary)
    report_session(unvisited(session))
    return _final_state(session)


def _final_state(session: StreamedSession) -> State[Any]:
    error = session.report.error
    if error:
        lost = _lost(session.report)
        return Failed(message=f"{error}; {lost}" if lost else error, data=session)
    if session.report.unconfirmed and not session.report.interrupted:
        return Failed(name="Unconfirmed", message=_message(session), data=session)
    if session.report.interrupted:
        return stopped(_message(session), session)
    return Completed(message=_message(session), data=session)


def _message(session: StreamedSession) -> str:
    report = session.report
    turns = sum(len(channel.turns) for channel in report.channels)
    about = "about " if report.billed_is_estimated else ""
    parts = [f"{turns} turns", f"{about}{report.billed_s:,.0f} s billed"]
    parts += ["stopped"] if report.interrupted else []
    parts += ["the service did not confirm the end"] if report.unconfirmed else []
    parts += [lost] if (lost := _lost(report)) else []
    return ", ".join(parts)


def _lost(report: SessionReport) -> str:
    """What was lost, in seconds; nothing where nothing was."""
    lost_s = report.lost_ms / 1000
    return f"{lost_s:,.1f} s of audio without a reliable transcript" if lost_s else ""
