"""A calibration run by the library alone: found, planned, sent, polled, archived, tabulated.

The order of things is that of the flow `calibrate`; only Prefect is missing.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from benchmarks.soak.place import Patience, Place, wanted
from fermata.archive import TranscriptArchive
from fermata.assemblyai import AssemblyAIClient
from fermata.assemblyai.client import ReceivedTranscript
from fermata.errors import FermataError
from fermata.ledger import Ledger
from fermata.recordings import GroupBy, open_content
from fermata.runs.ahead import ReadAhead
from fermata.runs.tabulate import batches_to_tabulate, tabulate
from fermata.runs.worklist import WorkItem, Worklist, make_worklist
from fermata.storage import Storage
from fermata.transcription import (
    Batch,
    Outcome,
    Places,
    Polling,
    Settler,
    Steps,
    Submission,
    submit_once,
)

KEY = "opens-nothing-0123456789"
UPLOADS_AT_ONCE = 4
IN_FLIGHT = 20
_LOOK_EVERY_S = 0.1

Step = Callable[[str], None]
"""Told what is about to be done, or has just been done."""


@dataclass(slots=True)
class Night:
    """What a run came to.

    Attributes:
        outcomes: Recordings that ended in this run, by kind.
        told: Errors of Fermata's own, each with its text: what a user would be told.
        foreign: Any other exception: a fault in Fermata.
    """

    outcomes: dict[str, int] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def count(self, outcome: Outcome) -> None:
        """A recording has ended."""
        self.outcomes[outcome.kind.value] = self.outcomes.get(outcome.kind.value, 0) + 1

    def note(self, error: BaseException) -> None:
        """Something went wrong."""
        text = f"{type(error).__name__}: {error}"
        (self.told if isinstance(error, FermataError) else self.foreign).append(text)


def run_night(place: Place, run_id: str, patience: Patience, step: Step = lambda _: None) -> Night:
    """Brings every recording of a batch as far as it will go."""
    night = Night()
    step("open the ledger")
    try:
        with place.ledger() as ledger, _Client(place.url, patience, step) as client:
            _Run(place, ledger, client, patience, step, night).go(run_id)
    except Exception as error:  # noqa: BLE001 - the figure asked for
        night.note(error)
    return night


@dataclass(slots=True)
class _Run:
    place: Place
    ledger: Ledger
    client: AssemblyAIClient
    patience: Patience
    step: Step
    night: Night

    def go(self, run_id: str) -> None:
        self.step("find and plan")
        storage = _Storage(str(self.place.data), self.step)
        work = make_worklist(
            [str(self.place.recordings)],
            GroupBy.FOLDER,
            options_for=wanted,
            ledger=self.ledger,
            storage=storage,
            run_id=run_id,
        )
        ahead = ReadAhead(TranscriptArchive(storage))
        with self._tabulating_ahead(storage, ahead):
            self._transcribe(work)
        for batch in batches_to_tabulate(storage, self.ledger):
            tabulate(batch, storage, self.ledger, ahead)
        self.step("end")

    @contextmanager
    def _tabulating_ahead(self, storage: Storage, ahead: ReadAhead) -> Iterator[None]:
        """Reads transcripts as they settle, and writes complete batches, beside the block."""
        over = threading.Event()

        def tabulate_ahead() -> None:
            try:
                while not over.wait(_LOOK_EVERY_S):
                    settled = self.ledger.untabled()
                    for job in settled:
                        ahead.read(job)
                    for batch in {job.batch for job in settled} - self.ledger.open_batches():
                        tabulate(batch, storage, self.ledger, ahead)
            except Exception as error:  # noqa: BLE001 - the figure asked for
                self.night.note(error)

        beside = threading.Thread(target=tabulate_ahead)
        beside.start()
        try:
            yield
        finally:
            over.set()
            beside.join()

    def _transcribe(self, work: Worklist) -> None:
        archive = TranscriptArchive(_Storage(str(self.place.data), self.step))
        places = Places(IN_FLIGHT)
        settler = Settler(
            client=self.client,
            ledger=self.ledger,
            archive=lambda key, raw: archive.write(key.recording_id, key.options_hash, raw),
            at_the_end=places.give_back,
        )
        polling = Polling(settler, policy=self.patience.poll, stop=threading.Event())
        with ThreadPoolExecutor(UPLOADS_AT_ONCE + 1) as threads:
            steps: Steps[WorkItem, Future[Any]] = Steps(
                submit=lambda item: threads.submit(self._send, item, places),
                poll=lambda: threads.submit(polling.run),
                result_of=self._result_of,
                at_once=UPLOADS_AT_ONCE,
            )
            Batch(
                work.new,
                work.open_jobs,
                steps=steps,
                places=places,
                polling=polling,
                ledger=self.ledger,
                on_settled=self._settled,
                doubt=self.patience.doubt,
            ).run()

    def _send(self, item: WorkItem, places: Places) -> Submission | Outcome:
        return submit_once(
            item.recording,
            item.options,
            client=self.client,
            ledger=self.ledger,
            open_content=open_content,
            policy=self.patience.submit,
            places=places,
        )

    def _result_of(self, step: "Future[Any]") -> object:
        if error := step.exception():
            self.night.note(error)
            return error
        return step.result()

    def _settled(self, outcome: Outcome) -> None:
        self.step(f"{outcome.kind}")
        self.night.count(outcome)


class _Client(AssemblyAIClient):
    """The real client, which says what it is about to do."""

    def __init__(self, url: str, patience: Patience, step: Step) -> None:
        super().__init__(url, KEY, retry=patience.retry, timeouts=patience.timeouts)
        self._step = step

    def upload(self, *arguments: Any, **options: Any) -> str:
        self._step("upload")
        upload_url = super().upload(*arguments, **options)
        self._step("uploaded")
        return upload_url

    def submit(self, *arguments: Any, **options: Any) -> str:
        self._step("submit")
        transcript_id = super().submit(*arguments, **options)
        self._step("submitted")
        return transcript_id

    def transcript(self, *arguments: Any, **options: Any) -> ReceivedTranscript:
        self._step("poll")
        received = super().transcript(*arguments, **options)
        self._step("polled")
        return received


class _Storage(Storage):
    """The real storage, which says what it is about to write."""

    def __init__(self, root: str, step: Step) -> None:
        super().__init__(root)
        self._step = step

    def write_atomically(self, relative: str, data: bytes) -> None:
        folder = relative.partition("/")[0]
        self._step(f"write {folder}")
        super().write_atomically(relative, data)
        self._step(f"wrote {folder}")
