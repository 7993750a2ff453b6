"""What can be made to go wrong, and the plan that decides when it does."""

import threading
from dataclasses import dataclass
from enum import StrEnum
from types import UnionType

from fermata.localserver.streaming.effects import SessionEffect

DEFAULT_TEXT = "This fault was asked for"


class Place(StrEnum):
    """Where a fault strikes: at a kind of request, at a job, or in a live session.

    `JOB` is the work on it, `LISTED` its place in the list of transcripts.
    """

    UPLOAD = "upload"
    SUBMIT = "submit"
    POLL = "poll"
    LIST = "list"
    DELETE = "delete"
    JOB = "job"
    LISTED = "listed"
    TOKEN = "token"  # noqa: S105
    GATEWAY = "gateway"
    GLADIA_INIT = "gladia-init"
    WS_CONNECT = "ws-connect"
    WS_BEGIN = "ws-begin"
    WS_MESSAGE = "ws-message"
    WS_FINISH = "ws-finish"
    LLM = "llm"


SESSION_PLACES = frozenset(
    {Place.WS_CONNECT, Place.WS_BEGIN, Place.WS_MESSAGE, Place.WS_FINISH, Place.LLM}
)
"""Where a session is struck. Each comes once in a session, but for `LLM`: once in each turn."""


class Moment(StrEnum):
    """When a connection is reset: before a request is acted on, or after, the answer lost."""

    BEFORE = "before"
    AFTER = "after"


class Cut(StrEnum):
    """How an answer is cut: as a whole body of half a JSON, or amid what was announced."""

    JSON = "json"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class AnswerStatus:
    """The request isn't acted on; the answer is an HTTP status with the vendor's error body."""

    status: int
    text: str = DEFAULT_TEXT
    retry_after_s: int | None = None
    retry_after_date_s: int | None = None


@dataclass(frozen=True, slots=True)
class AnswerHtml:
    """The request isn't acted on; the answer is the HTML page of some proxy."""

    status: int = 502


@dataclass(frozen=True, slots=True)
class ResetConnection:
    """The TCP connection is reset."""

    moment: Moment


@dataclass(frozen=True, slots=True)
class TruncateAnswer:
    """The request is acted on; half of the answer arrives."""

    cut: Cut


@dataclass(frozen=True, slots=True)
class StallAnswer:
    """The request is acted on; the answer comes that many seconds late."""

    seconds: float


@dataclass(frozen=True, slots=True)
class JobFails:
    """The job ends in the status `error` with this text."""

    text: str = "Server error, developers have been alerted."


@dataclass(frozen=True, slots=True)
class JobHangs:
    """The job stays in the status `processing` for ever, without keeping others waiting."""


@dataclass(frozen=True, slots=True)
class ListedLate:
    """The job is done as usual, and missing from the list until that many seconds have passed."""

    seconds: float


RequestEffect = AnswerStatus | AnswerHtml | ResetConnection | TruncateAnswer | StallAnswer
JobEffect = JobFails | JobHangs
Effect = RequestEffect | JobEffect | ListedLate | SessionEffect


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        place: Where. `Place.JOB` takes a `JobEffect`, `Place.LISTED` a `ListedLate`, the places
            of a session take a `SessionEffect` (and `Place.WS_CONNECT` an `AnswerStatus`), all
            others a `RequestEffect`.
        effect: What happens.
        times: How often, None for always.
        after: How many requests or jobs at `place` are spared first.
        content_id: Only for this content (see `fermata.localserver.contents`), None for any.
    """

    place: Place
    effect: Effect
    times: int | None = None
    after: int = 0
    content_id: str | None = None

    def __post_init__(self) -> None:
        """Refuses an effect that can't happen at that place."""
        possible = isinstance(self.effect, _possible_at(self.place))
        if not possible:
            raise ValueError(f"{type(self.effect).__name__} can't happen at {self.place}")


def _possible_at(place: Place) -> type | UnionType:
    """What can happen at a place."""
    if place is Place.JOB:
        return JobEffect
    if place is Place.LISTED:
        return ListedLate
    if place is Place.WS_CONNECT:
        return SessionEffect | AnswerStatus
    return SessionEffect if place in SESSION_PLACES else RequestEffect


@dataclass(slots=True)
class _Planned:
    """A fault, how many matching events it has seen, and how often it struck."""

    fault: Fault
    seen: int = 0
    struck: int = 0

    def strikes(self) -> bool:
        """Counts one more matching event and tells whether the fault is due."""
        self.seen += 1
        times = self.fault.times
        return self.seen > self.fault.after and (times is None or self.struck < times)


class FaultPlan:
    """The faults of one server; may be changed from any thread while it runs."""

    def __init__(self, faults: tuple[Fault, ...] = ()) -> None:
        self._lock = threading.Lock()
        self._planned = [_Planned(fault) for fault in faults]

    def add(self, fault: Fault) -> None:
        """Plans one more fault."""
        with self._lock:
            self._planned.append(_Planned(fault))

    def clear(self) -> None:
        """Plans none any more."""
        with self._lock:
            self._planned.clear()

    def take(self, place: Place, content_id: str | None) -> Effect | None:
        """What goes wrong now, if anything; of several faults that are due, the first strikes.

        Args:
            place: Where something happens.
            content_id: The content it is about, None where it is about none.
        """
        with self._lock:
            due = [planned for planned in self._matching(place, content_id) if planned.strikes()]
            if not due:
                return None
            due[0].struck += 1
            return due[0].fault.effect

    def _matching(self, place: Place, content_id: str | None) -> list[_Planned]:
        """The faults for that place and content."""
        return [
            planned
            for planned in self._planned
            if planned.fault.place is place and planned.fault.content_id in {None, content_id}
        ]
