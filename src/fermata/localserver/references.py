"""Known transcripts for known audio: real conversations served by content.

In a folder, `x.wav` (or any audio file) and `x.json` lie side by side; below it, at any depth.
The JSON is a transcript as the API answers it; of it, `utterances`, `words`, `text`,
`audio_duration`, `audio_channels`, `confidence` and `speech_model_used` count, and all but
`utterances` may be missing.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from fermata.errors import UsageError
from fermata.localserver.results import Result

JsonObject = dict[str, Any]

MODEL_NAME = "reference"
"""What a transcript calls its model where the reference names none."""


class _Reference(BaseModel):
    """What is read of a reference transcript."""

    model_config = ConfigDict(frozen=True)

    utterances: tuple[JsonObject, ...]
    words: tuple[JsonObject, ...] = ()
    audio_duration: float = 0.0
    audio_channels: int | None = None
    speech_model_used: str = MODEL_NAME


class References:
    """The reference transcripts of one folder, by the SHA-256 of their audio.

    Attributes:
        recordings: Each audio file, and what is said in it.
    """

    def __init__(self, recordings: Iterable[tuple[Path, Result]]) -> None:
        self.recordings = tuple(recordings)
        self._results = {_content_id(audio): result for audio, result in self.recordings}

    @classmethod
    def load(cls, folder: Path | None) -> "References":
        """Reads all pairs below `folder`; without one, there is no reference.

        Raises:
            UsageError: The folder doesn't exist, or a transcript in it can't be read.
        """
        if folder is None:
            return cls(())
        if not folder.is_dir():
            raise UsageError(f"the folder of references {folder} does not exist; name another")
        return cls((audio, _read(json_file)) for audio, json_file in _pairs(folder))

    def find(self, content_id: str) -> Result | None:
        """The known transcript of that content."""
        return self._results.get(content_id)


def _pairs(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Every file that has a transcript beside it, with that transcript."""
    for transcript in sorted(folder.rglob("*.json")):
        for audio in sorted(transcript.parent.glob(f"{_literal(transcript.stem)}.*")):
            if audio.stem == transcript.stem and audio != transcript and audio.is_file():
                yield audio, transcript


def _literal(name: str) -> str:
    """A name as a pattern that matches nothing else."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in name)


def _content_id(audio: Path) -> str:
    """The SHA-256 of a file."""
    with audio.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path) -> Result:
    """Reads one reference transcript."""
    try:
        reference = _Reference.model_validate_json(path.read_bytes())
        return _result(reference)
    except (ValidationError, KeyError) as error:
        raise UsageError(
            f"the reference {path} is no transcript with utterances ({_reason(error)}); mend it"
        ) from error


def _result(reference: _Reference) -> Result:
    """What a job answers with for a reference."""
    words = reference.words or _words(reference.utterances)
    last_end_ms = max((utterance["end"] for utterance in reference.utterances), default=0)
    channels = {utterance.get("channel") for utterance in reference.utterances}
    return Result(
        duration_s=reference.audio_duration or last_end_ms / 1000,
        channels=reference.audio_channels or len(channels) or 1,
        words=words,
        utterances=reference.utterances,
        model=reference.speech_model_used,
    )


def _words(utterances: Iterable[JsonObject]) -> tuple[JsonObject, ...]:
    """The words of all utterances, in order of their start."""
    words = (word for utterance in utterances for word in utterance.get("words") or ())
    return tuple(sorted(words, key=lambda word: (word["start"], word["end"])))


def _reason(error: Exception) -> str:
    """The first line of an error."""
    return str(error).partition("\n")[0]
