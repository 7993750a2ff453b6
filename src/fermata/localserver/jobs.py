"""Works on the jobs: a few at once, first come first served, each at the pace asked for."""

import asyncio
import logging

from fermata.audio import NotAudioError
from fermata.errors import FermataError
from fermata.localserver.config import LocalServerConfig
from fermata.localserver.contents import Contents, mime_type
from fermata.localserver.download import download
from fermata.localserver.engine.cache import Listener
from fermata.localserver.engine.pool import EngineError
from fermata.localserver.engine.protocol import Layout
from fermata.localserver.faults import JobEffect, JobFails, JobHangs
from fermata.localserver.references import References
from fermata.localserver.results import Result, channels_result, mixed_result
from fermata.localserver.store import Store, Transcript, upload_id_of

SHORTEST_AUDIO_S = 0.16
"""The service's own limit."""

SERVER_ERROR = "Server error, developers have been alerted."

_logger = logging.getLogger(__name__)


class _JobError(FermataError):
    """A job can't be done; the text is what the client is told."""


class Jobs:
    """The jobs of one server, from submission to result."""

    def __init__(
        self,
        config: LocalServerConfig,
        store: Store,
        contents: Contents,
        references: References,
        listener: Listener,
    ) -> None:
        self._config = config
        self._store = store
        self._contents = contents
        self._references = references
        self._listener = listener
        self._slots = asyncio.Semaphore(config.concurrency)
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, transcript: Transcript, effect: JobEffect | None) -> None:
        """Queues a job.

        Args:
            transcript: What was submitted.
            effect: What shall go wrong with it.
        """
        if isinstance(effect, JobHangs):
            self._store.begin(transcript.id)
            return
        task = asyncio.create_task(self._run(transcript, effect))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Gives up all jobs, and returns when nothing of them runs any more."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._listener.close()

    async def _run(self, transcript: Transcript, effect: JobFails | None) -> None:
        """Takes one job through its states."""
        async with self._slots:
            self._store.begin(transcript.id)
            started_s = asyncio.get_running_loop().time()
            try:
                result = await self._result(transcript, effect)
            except _JobError as error:
                await self._keep_pace(started_s, 0.0)
                self._store.fail(transcript.id, str(error))
            except Exception:
                _logger.exception("job %s failed", transcript.id)
                self._store.fail(transcript.id, SERVER_ERROR)
            else:
                await self._keep_pace(started_s, result.duration_s)
                self._store.complete(transcript.id, result)

    async def _result(self, transcript: Transcript, effect: JobFails | None) -> Result:
        """What is said in the audio of a job."""
        if effect is not None:
            raise _JobError(effect.text)
        content_id = await self._content_id(transcript)
        result = self._references.find(content_id)
        if result is None:
            result = await self._listen(content_id, transcript)
        if result.duration_s < SHORTEST_AUDIO_S:
            raise _JobError("Audio duration is too short.")
        return result

    async def _content_id(self, transcript: Transcript) -> str:
        """The content of a job, fetched first where only its address is known."""
        if upload_id_of(transcript.audio_url) in self._store.uploads:
            return transcript.content_id
        try:
            return (await download(transcript.audio_url, self._contents)).content_id
        except FermataError as error:
            raise _JobError(str(error)) from error

    async def _listen(self, content_id: str, transcript: Transcript) -> Result:
        """Has the engine listen, in the way that the request asked for."""
        path = self._contents.path(content_id)
        multichannel = bool(transcript.request.get("multichannel"))
        labels = bool(transcript.request.get("speaker_labels"))
        layout = Layout.CHANNELS if multichannel else Layout.MIXED
        try:
            heard = await self._listener.hear(content_id, path, layout)
        except NotAudioError as error:
            kind = mime_type(path)
            raise _JobError(
                f"File does not appear to contain audio. File type is {kind}"
            ) from error
        except EngineError as error:
            _logger.warning("job %s: %s", transcript.id, error)
            raise _JobError(SERVER_ERROR) from error
        if multichannel:
            return channels_result(heard, diarized=labels)
        return mixed_result(heard, speaker="A" if labels else None)

    async def _keep_pace(self, started_s: float, audio_s: float) -> None:
        """Waits until the job has taken as long as it shall."""
        wanted_s = max(
            self._config.processing_time_s, self._config.processing_time_per_audio_s * audio_s
        )
        elapsed_s = asyncio.get_running_loop().time() - started_s
        await asyncio.sleep(max(0.0, wanted_s - elapsed_s))
