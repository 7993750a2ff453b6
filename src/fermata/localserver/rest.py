"""The pre-recorded API: /v2/upload and /v2/transcript.

Each route first reads its request and then acts on it; faults strike in between or after, so that
"refused", "never arrived" and "done, but the answer was lost" are all what they say.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from fermata.localserver.bodies import bounded_body
from fermata.localserver.contents import Content, address_id
from fermata.localserver.fault_injection import answer_with
from fermata.localserver.faults import JobFails, JobHangs, ListedLate, Place, RequestEffect
from fermata.localserver.queries import LOOKUP_ERROR, find_page, page_details
from fermata.localserver.service import RefusedError, Service, check_key
from fermata.localserver.shapes import list_item_json, transcript_json
from fermata.localserver.store import UPLOAD_PATH, JsonObject, Transcript, upload_id_of
from fermata.localserver.submission import check_submission

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Understood(Generic[T]):
    """A request that was read: what it says, and which content it is about."""

    said: T
    content_id: str | None


Read = Callable[[Service, Request], Awaitable[Understood[T]]]
Act = Callable[[Service, Request, T], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission that may be accepted."""

    audio_url: str
    content_id: str
    body: JsonObject


def routes(service: Service) -> list[Route]:
    """The routes of the pre-recorded API."""
    upload = _endpoint(service, Place.UPLOAD, _read_upload, _upload)
    submit = _endpoint(service, Place.SUBMIT, _read_submission, _submit)
    listing = _endpoint(service, Place.LIST, _read_query, _list)
    poll = _endpoint(service, Place.POLL, _read_id, _poll)
    delete = _endpoint(service, Place.DELETE, _read_id, _delete)
    return [
        Route("/v2/upload", upload, methods=["POST"]),
        Route("/v2/transcript", submit, methods=["POST"]),
        Route("/v2/transcript", listing, methods=["GET"]),
        Route("/v2/transcript/{id}", poll, methods=["GET"]),
        Route("/v2/transcript/{id}", delete, methods=["DELETE"]),
    ]


def _endpoint(service: Service, place: Place, read: Read[T], act: Act[T]) -> Endpoint:
    """What answers a route: counted, behind a key, and it may go wrong."""

    async def answer(request: Request) -> Response:
        service.store.received(place)
        try:
            check_key(service.config, request.headers.get("authorization", ""))
        except RefusedError:
            await _drain(request)
            raise
        understood = await read(service, request)
        effect = service.faults.take(place, understood.content_id)
        if not isinstance(effect, RequestEffect):
            return await act(service, request, understood.said)
        return await answer_with(
            effect, lambda: act(service, request, understood.said), service.stopping
        )

    return answer


async def _drain(request: Request) -> None:
    """Takes in a body that nobody wants: a peer that still writes wouldn't see the answer."""
    async for _ in request.stream():
        pass


async def _read_upload(service: Service, request: Request) -> Understood[Content]:
    """Receives the body into a file, never the whole of it in memory."""
    content = await service.contents.receive(request.stream())
    return Understood(content, content.content_id)


async def _upload(service: Service, request: Request, content: Content) -> Response:
    """Accepts an upload; whether it is audio shows when it is transcribed."""
    upload_id = service.store.add_upload(content.content_id)
    return JSONResponse({"upload_url": f"{_base_url(request)}{UPLOAD_PATH}{upload_id}"})


async def _read_submission(service: Service, request: Request) -> Understood[Submission]:
    """Reads and checks a submission, and finds out which content it is about."""
    try:
        sent = json.loads(await bounded_body(request))
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, "Invalid request body, JSON is expected") from error
    body = check_submission(sent, service.config.era)
    audio_url = body["audio_url"]
    content_id = service.store.uploads.get(upload_id_of(audio_url) or "")
    if content_id is None:
        if audio_url.startswith(f"{_base_url(request)}{UPLOAD_PATH}"):
            raise RefusedError(403, "Cannot access uploaded file")
        content_id = address_id(audio_url)
    return Understood(Submission(audio_url, content_id, body), content_id)


async def _submit(service: Service, _request: Request, submission: Submission) -> Response:
    """Accepts a submission and queues its job."""
    late = service.faults.take(Place.LISTED, submission.content_id)
    transcript = service.store.add_transcript(
        submission.audio_url,
        submission.content_id,
        submission.body,
        listed_after_s=late.seconds if isinstance(late, ListedLate) else 0.0,
    )
    effect = service.faults.take(Place.JOB, submission.content_id)
    service.jobs.start(transcript, effect if isinstance(effect, JobFails | JobHangs) else None)
    return JSONResponse(transcript_json(service.store.transcripts[transcript.id]))


async def _read_id(service: Service, request: Request) -> Understood[Transcript]:
    """Finds the transcript that the path names."""
    transcript = service.store.transcripts.get(request.path_params["id"])
    if transcript is None:
        raise RefusedError(400, LOOKUP_ERROR)
    return Understood(transcript, transcript.content_id)


async def _poll(_service: Service, _request: Request, transcript: Transcript) -> Response:
    """Answers with a transcript as it stands."""
    return JSONResponse(transcript_json(transcript))


async def _delete(service: Service, _request: Request, transcript: Transcript) -> Response:
    """Deletes what a transcript said, and its uploaded file."""
    deleted = service.store.delete(transcript.id)
    if not service.store.holds(transcript.content_id):
        service.contents.forget(transcript.content_id)
    return JSONResponse(transcript_json(deleted))


async def _read_query(_service: Service, request: Request) -> Understood[dict[str, str]]:
    """Reads what a listing is filtered by."""
    return Understood(dict(request.query_params), None)


async def _list(service: Service, request: Request, query: dict[str, str]) -> Response:
    """Lists transcripts, newest first."""
    base_url = _base_url(request)
    page = find_page(query, service.store.listed())
    items = [list_item_json(transcript, base_url) for transcript in page.transcripts]
    details = page_details(page, query, f"{base_url}/v2/transcript")
    return JSONResponse({"page_details": details, "transcripts": items})


def _base_url(request: Request) -> str:
    """The address that the client knows this server by."""
    return str(request.base_url).rstrip("/")
