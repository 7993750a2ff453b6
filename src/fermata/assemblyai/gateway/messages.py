"""What goes to the LLM Gateway's chat-completions endpoint and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

_FIRST_ERROR_STATUS = 400


class Role(StrEnum):
    """Who speaks in a conversation with a model."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation with a model."""

    role: Role
    content: str


class _Received(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Usage(_Received):
    """Tokens used; None where the service did not say.

    The service writes them as `input_tokens` and `output_tokens`, as `prompt_tokens` and
    `completion_tokens`, or as both with one pair null: all are read.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None

    @model_validator(mode="before")
    @classmethod
    def _either_way_of_writing(cls, raw: Any) -> Any:
        if not isinstance(raw, Mapping):
            return raw
        pairs = {"input_tokens": "prompt_tokens", "output_tokens": "completion_tokens"}
        read = {name: _first_set(raw, name, other) for name, other in pairs.items()}
        return {**raw, **read}


def _first_set(raw: Mapping[str, Any], *names: str) -> Any:
    return next((raw[name] for name in names if raw.get(name) is not None), None)


class _Said(_Received):
    content: str | None = None


class _Choice(_Received):
    message: _Said
    finish_reason: str | None = None


class ChatResponse(_Received):
    """The answer of `POST /chat/completions`, as far as it is used here."""

    request_id: str | None = None
    model: str | None = None
    choices: list[_Choice] = Field(default_factory=list)
    usage: Usage | None = None
    llm_status_code: int | None = None

    @property
    def text(self) -> str:
        """What the model said; empty where it said nothing."""
        return (self.choices[0].message.content or "") if self.choices else ""

    @property
    def finish_reason(self) -> str | None:
        """Why the model stopped, such as `end_turn` or `length`."""
        return self.choices[0].finish_reason if self.choices else None

    @property
    def has_failed_at_the_model(self) -> bool:
        """Whether the model's provider refused, although the gateway itself answered."""
        return (self.llm_status_code or 0) >= _FIRST_ERROR_STATUS


@dataclass(frozen=True, slots=True)
class ModelFailure:
    """A model that was asked in vain, and why."""

    model: str
    reason: str


@dataclass(frozen=True, slots=True)
class Completion:
    """A model's answer.

    Attributes:
        text: what it said.
        model: which of the asked models answered.
        finish_reason: why it stopped; None where the service did not say.
        usage: tokens used; None where the service did not say.
        request_id: the service's id of the request, for its support.
        failures: the models asked before it, in order.
    """

    text: str
    model: str
    finish_reason: str | None
    usage: Usage | None
    request_id: str | None
    failures: tuple[ModelFailure, ...]
