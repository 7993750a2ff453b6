"""Faults as text, for the command line: `submit:status=429,retry_after=2,times=1`."""

from collections.abc import Callable

from fermata.errors import UsageError
from fermata.localserver.faults import (
    DEFAULT_TEXT,
    AnswerHtml,
    AnswerStatus,
    Cut,
    Effect,
    Fault,
    JobFails,
    JobHangs,
    ListedLate,
    Moment,
    Place,
    ResetConnection,
    StallAnswer,
    TruncateAnswer,
)
from fermata.localserver.streaming.effects import KINDS as SESSION_KINDS

Fields = dict[str, str]

_FORM = "PLACE:KIND=VALUE[,times=N][,after=N][,content=SHA256], such as submit:status=429,times=1"


def parse_fault(text: str) -> Fault:
    """Reads one fault.

    The places are those of `Place`. The kinds are `status=N` (with `text=`, `retry_after=S` or
    `retry_after_date=S`), `html=N`, `reset=before|after`, `truncate=json|body`, `stall_s=S`, and
    at the place `job` `outcome=error` (with `text=`) or `outcome=never`, at the place `listed`
    `late_s=S`. In a live session they are `close=CODE` (with `text=`),
    `connection=drop|stall|silent`, `slow_ms=N` (each message takes so much longer) and
    `message=none|binary|malformed|unknown|warning`, with `at_s=`, the seconds of audio after which
    they strike (and a stall with `for_s=`). A text can't hold a comma.

    Raises:
        UsageError: The text isn't of that form.
    """
    place, _, rest = text.partition(":")
    try:
        fields = dict(_field(part) for part in rest.split(","))
        return _fault(Place(place), fields)
    except ValueError as error:
        raise UsageError(f"fault {text!r}: {error}; write {_FORM}") from error


def _field(part: str) -> tuple[str, str]:
    """One `name=value`."""
    name, equals, value = part.partition("=")
    if not equals:
        raise ValueError(f"{part!r} has no value")
    return name.strip(), value.strip()


def _fault(place: Place, fields: Fields) -> Fault:
    """Takes the fields apart; whatever is left over is wrong."""
    kinds = [kind for kind in _EFFECTS if kind in fields]
    if len(kinds) != 1:
        raise ValueError(f"it takes exactly one kind of {', '.join(_EFFECTS)}")
    effect = _EFFECTS[kinds[0]](fields.pop(kinds[0]), fields)
    times = fields.pop("times", None)
    fault = Fault(
        place=place,
        effect=effect,
        times=None if times is None else int(times),
        after=int(fields.pop("after", "0")),
        content_id=fields.pop("content", None),
    )
    if fields:
        raise ValueError(f"{', '.join(fields)} means nothing here")
    return fault


def _status(value: str, fields: Fields) -> Effect:
    """An HTTP status, perhaps with a text and a time to wait."""
    seconds = fields.pop("retry_after", None)
    date_s = fields.pop("retry_after_date", None)
    return AnswerStatus(
        status=int(value),
        text=fields.pop("text", DEFAULT_TEXT),
        retry_after_s=None if seconds is None else int(seconds),
        retry_after_date_s=None if date_s is None else int(date_s),
    )


def _outcome(value: str, fields: Fields) -> Effect:
    """How a job ends, or that it never does."""
    if value == "never":
        return JobHangs()
    if value == "error":
        return JobFails(fields.pop("text")) if "text" in fields else JobFails()
    raise ValueError(f"{value!r} is no outcome: it is error or never")


_EFFECTS: dict[str, Callable[[str, Fields], Effect]] = {
    "status": _status,
    "html": lambda value, _: AnswerHtml(int(value)),
    "reset": lambda value, _: ResetConnection(Moment(value)),
    "truncate": lambda value, _: TruncateAnswer(Cut(value)),
    "stall_s": lambda value, _: StallAnswer(float(value)),
    "outcome": _outcome,
    "late_s": lambda value, _: ListedLate(float(value)),
    **SESSION_KINDS,
}
