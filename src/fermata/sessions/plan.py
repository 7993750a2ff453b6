"""What is about to be streamed, and the name a session gets."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from fermata.errors import UsageError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LONGEST_NAME = 100
_RANDOM_BYTES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPlan:
    """What is about to be streamed, written down before any connection is opened.

    Attributes:
        source: The file's or device's name.
        provider: The service's name.
        sample_rate_hz: Of the audio.
        channels: The channels' names, in order.
        parameters: What is asked of the service. What looks like a secret is masked.
        speech_model: The service's model.
        group: Whose calibration the turn settings come from; None for that of all, or for none.
        preset: The preset's name, or in words where the settings come from.
        min_turn_silence_ms: The silence that ends a turn which sounds complete.
        max_turn_silence_ms: The silence that ends any turn.
        run_id: The flow run, where there is one.
        source_uri: Where the recording that was streamed is, as the ledger names it; None for a
            microphone.
    """

    source: str
    provider: str
    sample_rate_hz: int
    channels: tuple[str, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    speech_model: str | None = None
    group: str | None = None
    preset: str | None = None
    min_turn_silence_ms: int | None = None
    max_turn_silence_ms: int | None = None
    run_id: str | None = None
    source_uri: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The plan as `session.json` holds it."""
        values = {name: getattr(self, name) for name in _FIELDS}
        return {**values, "channels": list(self.channels), "parameters": dict(self.parameters)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "SessionPlan":
        """Reads a plan back.

        Raises:
            KeyError: Something is missing.
        """
        # Sessions from before it was kept do not say where their recording was.
        known = {name: values[name] for name in _FIELDS if name != _LATER or name in values}
        return cls(**{**known, "channels": tuple(known["channels"])})


_LATER = "source_uri"
_FIELDS = tuple(each.name for each in fields(SessionPlan))


def new_session_name(now: datetime | None = None) -> str:
    """A name that sorts by time and is taken by nobody else: `20261121T031053Z-3f9a1c`."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    return f"{moment:%Y%m%dT%H%M%SZ}-{secrets.token_hex(_RANDOM_BYTES)}"


def checked_session_name(name: str) -> str:
    """A name that can be that of a folder and of files.

    Raises:
        UsageError: It can't.
    """
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise UsageError(
            f"a session can't be named {name!r}: use at most {_LONGEST_NAME} letters, digits, "
            "'.', '_' and '-', a letter or digit first"
        )
    return name
