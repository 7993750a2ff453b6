"""The flow `transcribe-chunk`: one part of a large batch, for a run that waits for it."""

from typing import Any

from prefect import flow, runtime
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.states import Completed, Failed

from config.choices import Engine
from config.logging import set_up_logging
from config.services import choose_engine
from config.stopping import stopping_at_end
from config.wiring import ledger, storage
from fermata.runs.chunks import read_chunk
from flows.rounds import transcribe_here
from tasks.policy import thread_pool

_BY_HAND = (
    "other runs start this for parts of large batches, nobody does by hand: run calibrate or "
    "nightly instead; nothing was sent"
)


@flow(name="transcribe-chunk", task_runner=thread_pool(), persist_result=False)
def transcribe_chunk(chunk: str, engine: Engine = Engine.AUTO) -> State[Any]:
    """Not to be run by hand: other runs start this for one part of a large batch.

    Started by hand it fails at once; nothing is sent or billed. To transcribe recordings, run
    `calibrate` or `nightly`. The run that cut the batch into parts reads from the ledger what
    became of this one, and computes tables and settings for all of them.

    Args:
        chunk: Filled in by the run that starts this one: the part's file.
        engine: Filled in likewise: who transcribes.
    """
    set_up_logging()
    if not _is_started_by_a_run():
        return Failed(message=_BY_HAND)
    chosen = choose_engine(engine)
    with stopping_at_end(str(runtime.flow_run.id)):
        part = read_chunk(storage(), chunk, ledger())
        unsettled = transcribe_here(part, chosen)
    done = len(part.items) - len(unsettled)
    return Completed(message=f"{done:,} of {len(part.items):,} recordings came to an end")


def _is_started_by_a_run() -> bool:
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    return run is not None and run.parent_task_run_id is not None
