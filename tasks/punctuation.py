"""Tasks of `measure-punctuation`: the sample, its sessions side by side, and what they say."""

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import replace
from datetime import UTC, datetime

from prefect import task

from config.punctuation import Measuring
from config.sources import RecordingInput
from config.streaming import Extras, StreamingService
from config.watching import current_watching, watched_by
from config.wiring import ledger, storage
from config.withheld import whole
from fermata.archive import TranscriptArchive
from fermata.errors import FermataError
from fermata.live.report import SessionReport
from fermata.punctuation import (
    Measurement,
    Piece,
    Sample,
    find_sample,
    keep_measurement,
    measure,
    summary,
)
from tasks.policy import LOCAL_WORK, unvisited
from tasks.stream import StreamRequest, stream_session

SIDE_BY_SIDE = 4
"""How many recordings are streamed at once; streaming takes as long as the audio."""

logger = logging.getLogger(__name__)

Streamed = tuple[Piece, SessionReport]


@task(name="find-sample", task_run_name="choose recordings to stream", **LOCAL_WORK)
def find_punctuation_sample(sources: Sequence[str], minutes: float, bill: str) -> Sample:
    """Finds what to stream, and says what it will cost before anything is streamed."""
    sample = find_sample(whole(sources), minutes, ledger(), TranscriptArchive(storage()))
    logger.info("%s (%s)", sample.summary, bill)
    return sample


def stream_pieces(
    pieces: Sequence[Piece], measuring: Measuring, service: StreamingService
) -> list[Streamed]:
    """Streams the pieces in threads, a few at once; on the way out every session is ended.

    A cancellation reaches only the thread that calls this, so it sets the sessions' signal.
    Recordings that cannot be streamed are left out with a warning.
    """
    watching = replace(current_watching(), view_for=None)
    with watched_by(watching), ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        try:
            runs = [
                threads.submit(copy_context().run, _stream, piece, measuring, service)
                for piece in pieces
            ]
            wait(runs)
        except BaseException:
            # Leaving the pool waits for its threads, and each ends its session within seconds.
            watching.stop.set()
            raise
    found = zip(pieces, map(_report_of, runs), strict=True)
    return [(piece, report) for piece, report in found if report is not None]


@task(name="measure", task_run_name="compare with the transcripts", **LOCAL_WORK)
def measure_and_keep(streamed: Sequence[Streamed], measuring: Measuring) -> Measurement:
    """Compares what was streamed with the transcripts, and keeps the figures."""
    measurement = measure(
        streamed,
        measuring.parameters,
        speech_model=measuring.speech_model,
        provider=measuring.provider.value,
        measured_at=datetime.now(UTC),
    )
    path = keep_measurement(storage(), measurement)
    logger.info("%s; kept in %s", summary(measurement), storage().uri(path))
    return measurement


def _stream(piece: Piece, measuring: Measuring, service: StreamingService) -> SessionReport | None:
    """Streams one piece, unless it is time to stop before it begins."""
    if current_watching().stop.is_set():
        return None
    recording = piece.usable.recording
    request = StreamRequest(
        source=RecordingInput(path=recording.uri),
        turns=measuring.turns,
        extras=Extras(),
        group=None,
        save_audio=False,
        duration_s=piece.streamed_s,
    )
    run = stream_session.with_options(task_run_name=f"stream {recording.name}".replace("{", "{{"))
    return run(unvisited(request), service).report


def _report_of(run: "Future[SessionReport | None]") -> SessionReport | None:
    try:
        report = run.result()
    except FermataError as error:
        logger.warning("a recording is left out: %s", error)
        return None
    if report is not None and report.error:
        logger.warning("%s: %s", report.source, report.error)
    return report
