"""What the server and its engine processes say to each other: one JSON object a line."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from fermata.localserver.engine.heard import Heard


class Layout(StrEnum):
    """How to listen to a recording with several channels."""

    CHANNELS = "channels"
    MIXED = "mixed"


class Task(BaseModel):
    """A recording to transcribe."""

    model_config = ConfigDict(frozen=True)

    path: str
    layout: Layout


class Answer(BaseModel):
    """What became of a `Task`: `heard` when it went well, else `text` says why not."""

    model_config = ConfigDict(frozen=True)

    outcome: Literal["heard", "not_audio", "failed"]
    heard: Heard | None = None
    text: str = ""
