"""Measuring word ends on a sample of recordings, each once: what was measured is kept.

The results stand at `quality/word_ends/<recording_id>.<options_hash>.json` below the data
folder, so that a night without new recordings decodes no audio.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import BinaryIO

from pydantic import TypeAdapter, ValidationError

from fermata.audio import NotAudioError
from fermata.errors import FermataError
from fermata.quality.models import CallFacts, WordEnds, WordEndSample
from fermata.quality.word_ends import word_ends_of
from fermata.storage import NotStoredError, Storage
from fermata.turntaking import Conversation

MAX_RECORDINGS = 20
"""How many recordings are listened to at most: with five minutes each, 1,000 silences or more
in half a minute of work, once."""

ConversationOf = Callable[[CallFacts], Conversation]
"""Reads the words of a call, such as from the archive."""

OpenAudio = Callable[[CallFacts], AbstractContextManager[BinaryIO]]
"""Opens the audio of a call."""

FOLDER = "quality/word_ends"
"""Where results stand below the data folder."""

_FORMAT = TypeAdapter(WordEnds)
_logger = logging.getLogger(__name__)


def choose_for_listening(
    facts: Iterable[CallFacts], at_most: int = MAX_RECORDINGS
) -> tuple[CallFacts, ...]:
    """The calls to listen to: those with the lowest ids.

    The id is a hash of the content, so this is a random sample that stays the same from run to
    run; a new recording replaces one of it at most.
    """
    ordered = sorted(facts, key=lambda each: (each.recording_id, each.options_hash))
    return tuple(ordered[:at_most])


def measure_word_ends(
    chosen: Sequence[CallFacts],
    storage: Storage,
    conversation_of: ConversationOf,
    open_audio: OpenAudio,
) -> WordEndSample:
    """The word ends of some calls: as measured before, or measured now and kept.

    A call whose words or audio cannot be read is counted and left out.

    Args:
        chosen: which calls, see `choose_for_listening`.
        storage: the data folder.
        conversation_of: reads a call's words.
        open_audio: opens a call's audio.

    Raises:
        StorageError: a result could not be kept.
    """
    measured = [
        _kept(each, storage) or _measured(each, conversation_of, open_audio, storage)
        for each in chosen
    ]
    found = tuple(each for each in measured if each is not None)
    return WordEndSample(found, len(measured) - len(found))


def path_of(recording_id: str, options_hash: str) -> str:
    """Where a result stands, below the data folder."""
    return f"{FOLDER}/{recording_id}.{options_hash}.json"


def _kept(call: CallFacts, storage: Storage) -> WordEnds | None:
    try:
        return _FORMAT.validate_json(storage.read(path_of(call.recording_id, call.options_hash)))
    except NotStoredError:
        return None
    except ValidationError:
        _logger.warning("the word ends kept of %s cannot be read; measuring again", call.name)
        return None


def _measured(
    call: CallFacts, conversation_of: ConversationOf, open_audio: OpenAudio, storage: Storage
) -> WordEnds | None:
    try:
        words = conversation_of(call)
        with open_audio(call) as file:
            found = word_ends_of(words, file, call.recording_id, call.options_hash)
    except (FermataError, OSError, NotAudioError) as error:
        _logger.info("word ends of %s not measured: %s", call.name, error)
        return None
    path = path_of(call.recording_id, call.options_hash)
    storage.write_atomically(path, _FORMAT.dump_json(found))
    return found
