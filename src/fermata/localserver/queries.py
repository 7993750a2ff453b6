"""What a submission and a listing may ask for, and the service's words where they may not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fermata.localserver.era import Era
from fermata.localserver.service import RefusedError
from fermata.localserver.shapes import BOOLEANS
from fermata.localserver.store import Status, Transcript

JsonObject = dict[str, Any]

LONGEST_PAGE = 200
DEFAULT_PAGE = 10

LOOKUP_ERROR = "Transcript lookup error, transcript id not found"

_RETIRED = "universal-3-pro"
_OFFERED = {
    Era.SPRING: ("universal-3-pro", "universal-2"),
    Era.SUMMER: ("universal-3-5-pro", "universal-2"),
    Era.AUTUMN: ("universal-3-5-pro", "universal-2"),
}


def check_submission(body: object, era: Era) -> JsonObject:
    """Checks the body of a submission; fields that the service doesn't know are ignored.

    Raises:
        RefusedError: 400, in the service's words where they are known.
    """
    if not isinstance(body, dict):
        raise RefusedError(400, "Invalid request body, a JSON object is expected")
    if not isinstance(body.get("audio_url"), str) or not body["audio_url"]:
        raise RefusedError(400, "Transcript creation error, audio_url not found")
    for name in BOOLEANS & body.keys():
        if body[name] is not None and not isinstance(body[name], bool):
            raise RefusedError(400, f"{name} must be a Boolean")
    if body.get("speaker_options") and body.get("speakers_expected"):
        raise RefusedError(
            400, "Both speaker_options and speakers_expected can not be used in the same request."
        )
    _check_models(body, era)
    return body


def _check_models(body: JsonObject, era: Era) -> None:
    """Applies the rules on model names of that era."""
    if body.get("speech_model"):
        raise RefusedError(
            400,
            'speech_model is deprecated. Use "speech_models" instead. '
            "See documentation: select-the-speech-model",
        )
    models = body.get("speech_models")
    offered = _OFFERED[era]
    if models is None and era is not Era.SPRING:
        return
    if not isinstance(models, list) or not models or not all(isinstance(m, str) for m in models):
        names = ", ".join(f'"{name}"' for name in offered)
        raise RefusedError(
            400, f'"speech_models" must be a non-empty list containing one or more of: {names}'
        )
    if era is Era.AUTUMN and _RETIRED in models:
        raise RefusedError(
            400,
            f'The "{_RETIRED}" speech model(s) have been deprecated. '
            'Use speech_models: ["universal-3-5-pro", "universal-2"] instead.',
        )


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing, newest first, and whether there are others around it."""

    limit: int
    transcripts: tuple[Transcript, ...]
    has_older: bool
    has_newer: bool


def find_page(query: Mapping[str, str], oldest_first: Sequence[Transcript]) -> Page:
    """The page that a query asks for.

    Args:
        query: `limit`, `status`, `created_on`, `before_id` and `after_id`, all optional.
        oldest_first: All transcripts.

    Raises:
        RefusedError: 400, a parameter makes no sense.
    """
    limit = _limit(query.get("limit"))
    ids = [transcript.id for transcript in oldest_first]
    low = _position(ids, query["after_id"]) + 1 if "after_id" in query else 0
    high = _position(ids, query["before_id"]) if "before_id" in query else len(ids)
    fitting = [index for index, one in enumerate(oldest_first) if _fits(one, query)]
    within = [index for index in fitting if low <= index < high]
    # Paging towards newer ones takes the nearest, so that a walk leaves none out.
    chosen = within[:limit] if "after_id" in query else within[-limit:]
    first, last = (chosen[0], chosen[-1]) if chosen else (low, high - 1)
    return Page(
        limit=limit,
        transcripts=tuple(oldest_first[index] for index in reversed(chosen)),
        has_older=any(index < first for index in fitting),
        has_newer=any(index > last for index in fitting),
    )


def page_details(page: Page, query: Mapping[str, str], url: str) -> JsonObject:
    """The `page_details` of a listing: `prev_url` leads to older ones, `next_url` to newer ones.

    Args:
        page: The page.
        query: What it was asked for with.
        url: The address of the listing, without a query.
    """
    kept = {name: query[name] for name in ("status", "created_on") if name in query}
    kept["limit"] = str(page.limit)
    older = newer = None
    if page.transcripts and page.has_older:
        older = f"{url}?{urlencode({**kept, 'before_id': page.transcripts[-1].id})}"
    if page.transcripts and page.has_newer:
        newer = f"{url}?{urlencode({**kept, 'after_id': page.transcripts[0].id})}"
    return {
        "limit": page.limit,
        "result_count": len(page.transcripts),
        "current_url": f"{url}?{urlencode(query)}" if query else url,
        "prev_url": older,
        "next_url": newer,
    }


def _limit(text: str | None) -> int:
    """How many items a page holds."""
    if text is None:
        return DEFAULT_PAGE
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= LONGEST_PAGE:
        raise RefusedError(400, f"limit must be a number from 1 to {LONGEST_PAGE}")
    return int(text)


def _position(ids: Sequence[str], transcript_id: str) -> int:
    """Where a transcript stands."""
    if transcript_id not in ids:
        raise RefusedError(400, LOOKUP_ERROR)
    return ids.index(transcript_id)


def _fits(transcript: Transcript, query: Mapping[str, str]) -> bool:
    """Whether a transcript passes the filters of a query."""
    status, created_on = query.get("status"), query.get("created_on")
    if status is not None and status not in {one.value for one in Status}:
        raise RefusedError(400, f"status must be one of {', '.join(Status)}")
    return status in {None, transcript.status} and created_on in {
        None,
        transcript.created.date().isoformat(),
    }
