"""What a listing may ask for, and the service's words where it may not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fermata.localserver.service import RefusedError
from fermata.localserver.store import Status, Transcript

JsonObject = dict[str, Any]

LONGEST_PAGE = 200
DEFAULT_PAGE = 10

LOOKUP_ERROR = "Transcript lookup error, transcript id not found"


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
