"""Which recordings to stream, and how much of each, so that the bill stays within a bound."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import ceil
from pathlib import Path

from fermata.archive import TranscriptArchive
from fermata.errors import FermataError, UsageError
from fermata.ledger import JobKey, Ledger
from fermata.punctuation.silences import BatchSilence, UnfitTranscriptError, batch_silences
from fermata.recordings import GroupBy, Recording, list_recordings
from fermata.runs.worklist import read_unseen

MOST_RECORDINGS = 12
"""More calls make the interval honest; each costs its beginning, which resembles the others'."""

SESSION_OVERHEAD_S = 3.0
"""A session is billed while it is open: about so much longer than its audio."""

_MS_PER_S = 1000
_S_PER_MINUTE = 60

LEAST_PIECE_S = _S_PER_MINUTE - SESSION_OVERHEAD_S
"""A shorter piece of a longer recording is hardly worth a session; so much is billed a minute."""


@dataclass(frozen=True, slots=True)
class Usable:
    """A recording that streaming can be compared with.

    Attributes:
        recording: on a disk of this machine, of known length and channels.
        silences: of its batch transcript.
        batch_model: who made that transcript.
    """

    recording: Recording
    silences: tuple[BatchSilence, ...]
    batch_model: str

    @property
    def channels(self) -> int:
        """How many sessions it takes."""
        return self.recording.channels or 1

    @property
    def duration_s(self) -> float:
        """How long it is."""
        return self.recording.duration_s or 0.0

    def billed_s(self, streamed_s: float) -> float:
        """What streaming the first so many seconds of it is billed, over its channels."""
        return self.channels * (streamed_s + SESSION_OVERHEAD_S)


@dataclass(frozen=True, slots=True)
class Piece:
    """The beginning of a recording, to be streamed.

    Attributes:
        usable: the recording.
        streamed_s: how much of it.
    """

    usable: Usable
    streamed_s: float

    @property
    def billed_s(self) -> float:
        """About what it is billed, over its channels."""
        return self.usable.billed_s(self.streamed_s)

    @property
    def silences(self) -> tuple[BatchSilence, ...]:
        """The silences that begin in it."""
        until_ms = self.streamed_s * _MS_PER_S
        return tuple(each for each in self.usable.silences if each.start_ms < until_ms)


@dataclass(frozen=True, slots=True)
class Sample:
    """What is to be streamed.

    Attributes:
        pieces: in the order of their recordings' ids.
        left_out: recordings that cannot be compared, by reason.
    """

    pieces: tuple[Piece, ...]
    left_out: Mapping[str, int]

    @property
    def billed_minutes(self) -> float:
        """About what all of it is billed."""
        return sum(piece.billed_s for piece in self.pieces) / _S_PER_MINUTE

    @property
    def summary(self) -> str:
        """One line that says what will be streamed."""
        sessions = sum(piece.usable.channels for piece in self.pieces)
        said = (
            f"about {self.billed_minutes:.1f} min of streaming: {len(self.pieces)} recordings, "
            f"{sessions} sessions, one for each channel"
        )
        left = ", ".join(f"{count:,} {why}" for why, count in sorted(self.left_out.items()))
        return f"{said}; left out: {left}" if left else said


def find_sample(
    sources: Sequence[str], minutes: float, ledger: Ledger, archive: TranscriptArchive
) -> Sample:
    """Finds recordings whose transcripts are archived, and what to stream of each.

    The order is that of their content hashes, so that it is the same in each run and has
    nothing to do with names or dates.

    Args:
        sources: folders or files.
        minutes: the most that may be billed, over all channels.
        ledger: knows which transcripts are archived.
        archive: holds them.

    Raises:
        UsageError: there is nothing that can be compared, or the bound is too low for it.
    """
    listing = list_recordings(sources, GroupBy.NONE)
    recordings, unreadable = read_unseen(listing.candidates, ledger)
    left_out = Counter({"unreadable": len(listing.rejections) + len(unreadable)})
    usable = tuple(islice(_usable(recordings, ledger, archive, left_out), MOST_RECORDINGS))
    left_out = +left_out
    if not usable:
        raise UsageError(_nothing(left_out))
    return Sample(pieces_within(usable, minutes), left_out)


def pieces_within(usable: Sequence[Usable], minutes: float) -> tuple[Piece, ...]:
    """Shares minutes among recordings evenly; what short ones leave goes to the longer ones.

    Of long recordings only so many are taken that each gets `LEAST_PIECE_S` a channel.

    Raises:
        UsageError: the minutes are too few for the first recording.
    """
    budget_s = minutes * _S_PER_MINUTE
    taken: list[Usable] = []
    for each in usable:
        if sum(map(_least_s, [*taken, each])) <= budget_s:
            taken.append(each)
    if not taken:
        needed = ceil(10 * min(map(_least_s, usable)) / _S_PER_MINUTE) / 10
        raise UsageError(
            f"{minutes:g} min are too few, as each channel of a recording is streamed for a minute "
            f"or to its end: give {needed:g} min or more"
        )
    return _filled(taken, budget_s)


def _filled(taken: Sequence[Usable], budget_s: float) -> tuple[Piece, ...]:
    """As much of each as of the others, except where one is over before."""
    sessions = sum(each.channels for each in taken)
    audio_s = budget_s - sessions * SESSION_OVERHEAD_S
    streamed_s: dict[str, float] = {}
    for each in sorted(taken, key=lambda each: each.duration_s):
        length_s = min(each.duration_s, audio_s / sessions)
        streamed_s[each.recording.recording_id] = length_s
        audio_s -= each.channels * length_s
        sessions -= each.channels
    return tuple(Piece(each, streamed_s[each.recording.recording_id]) for each in taken)


def _least_s(usable: Usable) -> float:
    return usable.billed_s(min(usable.duration_s, LEAST_PIECE_S))


def _usable(
    recordings: Iterable[Recording],
    ledger: Ledger,
    archive: TranscriptArchive,
    left_out: Counter[str],
) -> Iterator[Usable]:
    """Those that can be compared; counts the others as it comes to them."""
    keys = _transcribed(ledger)
    each_once = {each.recording_id: each for each in recordings}
    for recording_id in sorted(each_once):
        recording = each_once[recording_id]
        try:
            yield _checked(recording, keys.get(recording_id), archive)
        except UnfitTranscriptError as error:
            left_out[str(error)] += 1
        except FermataError:
            left_out["transcript damaged or gone"] += 1


def _checked(recording: Recording, key: JobKey | None, archive: TranscriptArchive) -> Usable:
    if key is None:
        raise UnfitTranscriptError("never calibrated")
    if not recording.duration_s or not recording.channels or not Path(recording.uri).is_file():
        raise UnfitTranscriptError("not on a disk of this machine")
    transcript = archive.read(key.recording_id, key.options_hash)
    silences = batch_silences(transcript, recording.channels)
    return Usable(recording, silences, str(transcript.get("speech_model_used") or "unknown"))


def _transcribed(ledger: Ledger) -> dict[str, JobKey]:
    """The newest archived transcript of each recording."""
    jobs = sorted(ledger.completed(), key=lambda job: (job.settled_at, job.key.options_hash))
    return {job.key.recording_id: job.key for job in jobs}


def _nothing(left_out: Mapping[str, int]) -> str:
    reasons = ", ".join(f"{count:,} {why}" for why, count in sorted(left_out.items()))
    return (
        f"no recording to compare ({reasons or 'none found'}): run `fermata calibrate` on "
        "recordings of this machine first, with a service that punctuates"
    )
