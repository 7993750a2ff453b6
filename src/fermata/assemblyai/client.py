"""The client: upload, submit, ask for a transcript, and find what was submitted."""

import json
import re
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import BinaryIO, Self, TypeVar
from urllib.parse import quote

import requests
from pydantic import BaseModel, ValidationError

from fermata.assemblyai.address import checked_base_url, checked_key
from fermata.assemblyai.classification import invalid_answer, service_time
from fermata.assemblyai.content import HashingReader
from fermata.assemblyai.errors import (
    ContentError,
    ContentUnreadableError,
    ServiceUnavailableError,
    UnknownTranscriptError,
)
from fermata.assemblyai.models import (
    ListedTranscript,
    TranscriptAnswer,
    TranscriptPage,
    UploadAnswer,
)
from fermata.assemblyai.options import TranscriptOptions
from fermata.assemblyai.retry import RetryPolicy, is_transient, with_retries
from fermata.assemblyai.transport import Timeouts, Transport
from fermata.redact import masked_answer, without_credentials

_AUDIO_URL = re.compile(rb'("audio_url"\s*:\s*)("(?:[^"\\\x00-\x1f]|\\["\\/u])*")')

_PAGE_LENGTH = 200
"""The longest page that the service hands out (its OpenAPI file)."""

_MOST_PAGES = 500
"""A list of 100,000 transcripts is no answer to a question about the last minutes."""

_CHECK_ATTEMPTS = 3

T = TypeVar("T")
Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class ReceivedTranscript:
    """A transcript as received, and what Fermata reads of it."""

    raw: bytes
    answer: TranscriptAnswer


class AssemblyAIClient:
    """Talks to AssemblyAI or to any server that speaks its language, from several threads.

    Attributes:
        base_url: The service's address, without a slash at its end.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        timeouts: Timeouts | None = None,
        retry: RetryPolicy | None = None,
        allow_insecure_hosts: Collection[str] = (),
        stop: threading.Event | None = None,
    ) -> None:
        """Checks address and key; nothing is sent yet.

        Args:
            base_url: Such as `https://api.assemblyai.com`.
            api_key: The service's key.
            timeouts: How long the service may keep silent.
            retry: How patiently requests are repeated that may be.
            allow_insecure_hosts: Hosts other than loopback that the key may be sent to over http.
            stop: Ends all waiting when set.

        Raises:
            UsageError: The address or the key can't be used.
        """
        self.base_url = checked_base_url(base_url, allow_insecure_hosts)
        self._transport = Transport(self.base_url, checked_key(api_key))
        self._timeouts = timeouts or Timeouts()
        self._retry = retry or RetryPolicy()
        self._stop = stop or threading.Event()
        self._answer_timeout_s = (self._timeouts.connect_s, self._timeouts.answer_s)

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes all connections."""
        self.close()

    def close(self) -> None:
        """Closes all connections."""
        self._transport.close()

    def check(self) -> None:
        """Makes sure, with a request that costs nothing, that address and key are right.

        Raises:
            ServiceError: They aren't, or the service can't be reached.
        """
        policy = replace(self._retry, attempts=min(_CHECK_ATTEMPTS, self._retry.attempts))
        self._repeated(lambda: self._page({"limit": "1"}), policy)

    def upload(self, open_body: Callable[[], BinaryIO], *, size_bytes: int, sha256: str) -> str:
        """Uploads content without holding it in memory, and makes sure that it is the one meant.

        An upload costs nothing, so it is repeated after any transient failure.

        Args:
            open_body: Opens the content anew for every attempt.
            size_bytes: The content's size.
            sha256: The content's SHA-256 in hex.

        Returns:
            The address that only the service itself can read the content from.

        Raises:
            ContentError: The content can't be read, or isn't the one meant.
            ServiceError: The service refused it, or stayed unreachable.
            StoppedError: The run was stopped.
        """

        def send() -> str:
            with closing(_opened(open_body)) as content:
                body = HashingReader(content, size_bytes=size_bytes, sha256=sha256)
                timeout_s = (self._timeouts.connect_s, self._timeouts.upload_answer_s)
                response = self._transport.post_stream("/v2/upload", timeout_s, body)
            return self._read(response, UploadAnswer).upload_url

        return self._repeated(send, self._retry)

    def submit(self, options: TranscriptOptions, audio_url: str) -> str:
        """Asks for a transcript. This costs money, so it is sent once and never repeated here.

        Returns:
            The transcript's id.

        Raises:
            TransientServiceError: It may be sent again if not `answer_lost`; else the service
                must be asked first, see `find_submissions`.
            ServiceError: The service refused it.
        """
        body = options.request_body(audio_url)
        response = self._transport.post_json("/v2/transcript", self._answer_timeout_s, body)
        return self._read(response, TranscriptAnswer).id

    def transcript(self, transcript_id: str) -> ReceivedTranscript:
        """Asks once for a transcript as it stands; whoever polls asks again anyway.

        Raises:
            UnknownTranscriptError: The service knows no such transcript.
            ServiceError: The service refused or failed.
        """
        path = f"/v2/transcript/{quote(transcript_id, safe='')}"
        response = self._transport.get(path, self._answer_timeout_s)
        answer = self._read(response, TranscriptAnswer)
        return ReceivedTranscript(raw=_fit_to_be_kept(response.content), answer=answer)

    def delete(self, transcript_id: str) -> None:
        """Deletes a transcript and its audio at the service, for good.

        One that the service no longer knows is as good as deleted.

        Raises:
            ServiceError: The service refused, or stayed unreachable.
            StoppedError: The run was stopped.
        """
        path = f"/v2/transcript/{quote(transcript_id, safe='')}"
        with suppress(UnknownTranscriptError):
            self._repeated(
                lambda: self._transport.delete(path, self._answer_timeout_s), self._retry
            )

    def find_submissions(self, audio_url: str, *, within_s: float) -> tuple[ListedTranscript, ...]:
        """Finds what was submitted for an address lately, oldest first.

        The time is counted back from the service's own clock, so no other has to be right.

        Args:
            audio_url: The address that was submitted.
            within_s: How far to look back.

        Raises:
            ServiceError: The service refused, failed, or its list did not end.
            StoppedError: The run was stopped.
        """
        found: list[ListedTranscript] = []
        for page in self._pages(within_s):
            found += [item for item in page if item.audio_url == audio_url]
        return tuple(sorted(found, key=lambda item: item.created))

    def _pages(self, within_s: float) -> Iterator[tuple[ListedTranscript, ...]]:
        """Walks from the newest transcripts to the oldest that was created within that time."""
        query = {"limit": str(_PAGE_LENGTH)}
        begun_s, since = monotonic(), None
        for _ in range(_MOST_PAGES):
            response, page = self._repeated(partial(self._page, query), self._retry)
            if since is None:
                # The first page may have taken some patience.
                looking_back_s = within_s + monotonic() - begun_s
                since = service_time(response) - timedelta(seconds=looking_back_s)
            recent = tuple(item for item in page.transcripts if item.created >= since)
            yield recent
            older_follow = page.page_details.prev_url is not None
            if len(recent) < len(page.transcripts) or not recent or not older_follow:
                return
            # The id, not the address: the key must go nowhere that an answer names.
            query = {**query, "before_id": page.transcripts[-1].id}
        raise ServiceUnavailableError(
            f"the list of transcripts at {self.base_url} does not end: try again later"
        )

    def _page(self, query: dict[str, str]) -> tuple[requests.Response, TranscriptPage]:
        response = self._transport.get("/v2/transcript", self._answer_timeout_s, query)
        return response, self._read(response, TranscriptPage)

    def _repeated(self, send: Callable[[], T], policy: RetryPolicy) -> T:
        return with_retries(send, policy, self._stop, is_transient)

    def _read(self, response: requests.Response, shape: type[Answer]) -> Answer:
        try:
            return shape.model_validate_json(response.content)
        except ValidationError:
            # Not chained: pydantic repeats what it was given, which may be private.
            raise invalid_answer(self.base_url) from None


def _fit_to_be_kept(answer: bytes) -> bytes:
    """The answer as it came, but for secrets: ours, and those in the recording's address."""
    return _AUDIO_URL.sub(_without_signature, masked_answer(answer))


def _without_signature(field: re.Match[bytes]) -> bytes:
    address: str = json.loads(field[2])
    shown = without_credentials(address, "?#") if "?" in address or "@" in address else address
    return field[1] + (field[2] if shown == address else json.dumps(shown).encode())


def _opened(open_body: Callable[[], BinaryIO]) -> BinaryIO:
    try:
        return open_body()
    except ContentError:
        raise
    except Exception as error:  # drivers of remote storage raise errors of their own
        raise ContentUnreadableError(
            f"the file can't be opened any more ({type(error).__name__}): check that it is there"
        ) from error
