"""Task `stream-session`: holds a live session to its end, in the thread that calls it.

Called directly by the flow, never submitted: a cancellation reaches only the main thread, and
it must end the session, which is billed by the second.
"""

import logging
import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from prefect import runtime, task

from config.ending import stopped_by_sigterm
from config.orphaned import stopped_when_orphaned
from config.shared_limits import live_sessions
from config.sources import LiveInput, RecordingInput
from config.streaming import (
    Extras,
    StreamingService,
    accepted_rates_hz,
    plan_session,
    session_timing,
)
from config.turns import TurnChoice
from config.watching import current_watching
from config.wiring import storage
from fermata.assemblyai.gateway import Summary
from fermata.live.capture import OnLevels
from fermata.live.playback import Playback
from fermata.live.recorder import WavRecorder
from fermata.live.report import SessionReport
from fermata.live.run import Listening, stream
from fermata.live.sources import Source
from fermata.sessions import SessionKeeper, SessionPlan
from tasks.live_progress import LiveProgress
from tasks.pace import wait_for_turn
from tasks.policy import LOCAL_WORK

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """What to stream and how.

    Attributes:
        source: where the audio comes from.
        turns: the turn settings.
        extras: what else is asked of the service.
        group: whose calibration the settings come from, where one was named.
        save_audio: whether the audio is kept.
        duration_s: how much to stream; None for all of it.
    """

    source: LiveInput
    turns: TurnChoice
    extras: Extras
    group: str | None
    save_audio: bool
    duration_s: float | None


@dataclass(frozen=True, slots=True)
class StreamedSession:
    """A live session that is over.

    Attributes:
        session: its name.
        report: what it came to.
        answers: what a language model answered, by channel and order of the turn.
        written: what was written where.
        notes: what a person should know about its parameters.
        summary: what a language model made of the whole of it, where one was asked.
    """

    session: str
    report: SessionReport
    answers: Mapping[tuple[int, int], str]
    written: Mapping[str, str]
    notes: tuple[str, ...]
    summary: Summary | None = None


@task(name="stream-session", task_run_name="live session", **LOCAL_WORK)
def stream_session(request: StreamRequest, service: StreamingService) -> StreamedSession:
    """Streams the source; every session is ended, however this task ends."""
    planned = plan_session(service, request.turns, request.extras)
    for note in planned.notes:
        logger.warning("%s", note)
    source = request.source.open(accepted_rates_hz(service.provider))
    keeper = SessionKeeper(
        storage(),
        _plan(request, source, planned.provider.name, planned.parameters),
    )
    watching = current_watching()
    stop = watching.stop
    for _ in source.channel_names:
        wait_for_turn(live_sessions(), stop)
    with stopped_by_sigterm(stop), stopped_when_orphaned(stop), keeper, ExitStack() as shown:
        observers = [keeper, LiveProgress(request.duration_s or source.duration_s)]
        on_levels = None
        if watching.view_for:
            view = watching.view_for(keeper.session, source.channel_names)
            shown.enter_context(view.shown)
            observers.append(view.observer)
            on_levels = view.on_levels
        report = stream(
            source,
            lambda _channel: planned.provider,
            stop=stop,
            observers=observers,
            listening=_listening(request, keeper, source, on_levels),
            duration_s=request.duration_s,
            timing=session_timing(),
        )
    return StreamedSession(keeper.session, report, keeper.answers, keeper.written, planned.notes)


def _plan(
    request: StreamRequest, source: Source, provider: str, parameters: Mapping[str, object]
) -> SessionPlan:
    silences = request.turns.settings
    return SessionPlan(
        source=source.name,
        provider=provider,
        sample_rate_hz=source.sample_rate_hz,
        channels=source.channel_names,
        parameters=parameters,
        speech_model=request.turns.speech_model,
        group=request.group,
        preset=request.turns.origin,
        min_turn_silence_ms=silences.min_turn_silence_ms,
        max_turn_silence_ms=silences.max_turn_silence_ms,
        run_id=runtime.flow_run.id,
        source_uri=_uri(request.source),
    )


def _uri(source: LiveInput) -> str | None:
    """Where a recording is, by the name that a run over it would give it."""
    return os.path.realpath(source.path) if isinstance(source, RecordingInput) else None


def _listening(
    request: StreamRequest, keeper: SessionKeeper, source: Source, on_levels: OnLevels | None
) -> Listening:
    channels = len(source.channel_names)
    rate_hz = source.sample_rate_hz
    play = isinstance(request.source, RecordingInput) and request.source.play
    return Listening(
        recorder=WavRecorder(keeper.audio_path, rate_hz, channels) if request.save_audio else None,
        playback=Playback(rate_hz, channels) if play else None,
        on_levels=on_levels,
    )
