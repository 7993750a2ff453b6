"""The flow `measure-punctuation`: how often the streaming model misjudges a silence."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import Field

from config.choices import Engine
from config.logging import set_up_logging
from config.punctuation import plan_measuring
from config.streaming import streaming_service
from config.watching import current_watching
from config.wiring import storage
from fermata.punctuation import summary
from fermata.sessions import recover
from flows.stoppable import stoppable_session
from tasks.policy import unvisited
from tasks.punctuation import find_punctuation_sample, measure_and_keep, stream_pieces


@flow(
    name="measure-punctuation",
    flow_run_name="measure punctuation, {minutes} min",
    persist_result=False,
)
@stoppable_session
def measure_punctuation(
    recordings: list[str],
    minutes: float = Field(default=10, gt=0, allow_inf_nan=False),
    provider: Engine = Engine.AUTO,
    speech_model: str = "",
) -> State[Any]:
    """Measure how often the streaming model misjudges whether a sentence is complete.

    Streams the beginnings of calibrated recordings in real time, a session for each channel,
    and compares where its turns end with the punctuation of the archived transcripts.

    Args:
        recordings: Folders or files on the machine that runs this, calibrated before.
        minutes: The most minutes of streaming to be billed, over all channels.
        provider: Who listens. auto is AssemblyAI where a key is set, else this machine.
        speech_model: The service's streaming model; empty for that of the settings.
    """
    set_up_logging()
    recover(storage())
    measuring = plan_measuring(provider, speech_model)
    sample = find_punctuation_sample(recordings, minutes, measuring.bill)
    stop = current_watching().stop
    with streaming_service(measuring.provider) as service:
        streamed = stream_pieces(sample.pieces, measuring, service)
    if stop.is_set():
        return Completed(name="Stopped", message="stopped: nothing is kept of this measurement")
    measurement = measure_and_keep(unvisited(streamed), unvisited(measuring))
    return Completed(message=summary(measurement), data=measurement)
