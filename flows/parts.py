"""The parts of a large batch that a run gave to other workers."""

import contextlib
import logging
import time
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from prefect import runtime
from prefect.client.schemas.objects import State, StateType

from config.choices import Engine
from config.settings import settings
from config.stopping import stop_signal
from config.wiring import ledger, storage
from fermata.assemblyai.errors import StoppedError
from fermata.ledger import JobKey
from fermata.runs.chunks import left_of, settled_in, unsettled_in, write_chunk
from fermata.runs.unsettled import Unsettled
from fermata.runs.worklist import Worklist
from fermata.storage import StorageError
from flows.rounds import transcribe_here
from tasks.chunks import start_chunk, state_of, withdraw

logger = logging.getLogger(__name__)

_TAKEN_OVER = frozenset({StateType.FAILED, StateType.CRASHED})


@dataclass(slots=True)
class _Chunk:
    """A part that another worker is to transcribe."""

    path: str
    part: Worklist
    run_id: UUID
    settled: int = 0
    moved_at_s: float = field(default_factory=time.monotonic)

    def stands_still(self) -> bool:
        """Whether nothing has come to an end in it for so long that its worker must be gone."""
        settled = settled_in(self.part, ledger())
        if settled != self.settled:
            self.settled, self.moved_at_s = settled, time.monotonic()
        return time.monotonic() - self.moved_at_s > settings().poll_deadline_s


class Elsewhere:
    """The parts that were given away; those still away are withdrawn however the run ends."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._run_id = str(runtime.flow_run.id)
        self._away: list[_Chunk] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for chunk in self._away:
            withdraw(chunk.run_id)
            with contextlib.suppress(StorageError):
                storage().remove(chunk.path)

    def start(self, deployment: str, part: Worklist) -> None:
        """Gives a part to whichever worker takes it."""
        number = len(self._away) + 2
        path = write_chunk(storage(), self._run_id, number, part)
        name = f"part {number} of {runtime.flow_run.name}"
        run_id = start_chunk(deployment, path, self._engine, name)
        self._away.append(_Chunk(path, part, run_id))

    def brought_to_an_end(self) -> dict[JobKey, Unsettled]:
        """Waits for the workers that began a part, and does here what none has begun."""
        unsettled: dict[JobKey, Unsettled] = {}
        while self._away:
            chunk, state = self._next()
            unsettled |= self._ended(chunk, state)
            self._away.remove(chunk)
            storage().remove(chunk.path)
        return unsettled

    def _next(self) -> tuple[_Chunk, State[object] | None]:
        """The next part that is done with elsewhere, or that is better done here."""
        stop = stop_signal(self._run_id)
        while True:
            states = [(chunk, state_of(chunk.run_id)) for chunk in self._away]
            for chunk, state in states:
                if (state and state.is_final()) or chunk.stands_still():
                    return chunk, state
            for chunk, state in reversed(states):
                if state and state.type is StateType.SCHEDULED:
                    return chunk, state
            if stop.wait(settings().poll_interval_s):
                raise StoppedError("stopped while other workers transcribed; start again to go on")

    def _ended(self, chunk: _Chunk, state: State[object] | None) -> dict[JobKey, Unsettled]:
        if state and state.is_final() and state.type not in _TAKEN_OVER:
            reason = f"not settled by the run of its part ({state.name}); the next one goes on"
            return unsettled_in(chunk.part, ledger(), reason)
        logger.info("%s: done here (its run is %s)", chunk.path, state.name if state else "unknown")
        withdraw(chunk.run_id)
        return transcribe_here(left_of(chunk.part, ledger()), self._engine)
