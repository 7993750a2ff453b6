"""The flow `transcribe-chunk`: one part of a large batch, for a run that waits for it."""

from typing import Any

from prefect import flow, runtime
from prefect.client.schemas.objects import State
from prefect.states import Completed

from config.logging import set_up_logging
from config.services import Engine, choose_engine
from config.stopping import stopping_at_end
from config.wiring import ledger, storage
from fermata.runs.chunks import read_chunk
from flows.rounds import transcribe_here
from tasks.policy import thread_pool


@flow(name="transcribe-chunk", task_runner=thread_pool(), persist_result=False)
def transcribe_chunk(chunk: str, engine: Engine = Engine.AUTO) -> State[Any]:
    """Transcribe one part of a large batch on another worker; started by other runs, not by hand.

    The run that cut the batch into parts reads from the ledger what became of this one, and
    computes tables and settings for all of them.

    Args:
        chunk: The part's file below the data folder.
        engine: Who transcribes.
    """
    set_up_logging()
    chosen = choose_engine(engine)
    with stopping_at_end(str(runtime.flow_run.id)):
        part = read_chunk(storage(), chunk, ledger())
        unsettled = transcribe_here(part, chosen)
    done = len(part.items) - len(unsettled)
    return Completed(message=f"{done:,} of {len(part.items):,} recordings came to an end")
