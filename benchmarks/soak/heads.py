"""Audio files with hostile heads, identified and decoded: no foreign exception, hang or crash.

Each piece of work is done in a process of its own, with a bound on its time and its memory: a
decoder written in C may do anything.
"""

import io
import resource
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.soak.forks import Fork, HungError, in_fork
from benchmarks.soak.hostile_audio import hostile_file, valid_files
from benchmarks.soak.report import Report
from fermata.audio import NotAudioError, decode_blocks, probe
from fermata.recordings import Candidate, Recording, Rejection, identify

_AT_ONCE = 100
_ALLOWED_S = 20.0
_MOST_BYTES = 3 << 30
"""Of address space; Python with all that is imported takes about one of these."""

_MOST_RESIDENT_BYTES = 512 << 20
_ENGINE_RATE_HZ = 16_000
_MOST_SAMPLES = 60 * 60 * _ENGINE_RATE_HZ
"""An hour out of less than a second is a fault, whatever the head says."""

_FEWEST_BYTES_PER_S = 100
"""Half of what no codec for speech goes below."""


@dataclass(slots=True)
class Found:
    """What the files brought out."""

    taken: int = 0
    decoded: int = 0
    refused: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    foreign: list[str] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)
    endless: list[str] = field(default_factory=list)
    hung: list[str] = field(default_factory=list)
    crashed: list[str] = field(default_factory=list)
    large: list[str] = field(default_factory=list)


def soak_heads(count: int, seed: int) -> Report:
    """Identifies and decodes so many files with changed heads."""
    report = Report(f"heads of audio files: seed {seed}")
    found, folder = Found(), Path(tempfile.mkdtemp(prefix="fermata-soak-heads-"))
    try:
        valid = in_fork(valid_files)
        for first in range(0, count, _AT_ONCE):
            _some(seed, range(first, min(first + _AT_ONCE, count)), valid, folder, found)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report.say(f"{count:,} files of {', '.join(valid)}")
    report.say(f"{found.taken:,} taken, {found.decoded:,} decoded, {found.refused:,} refused")
    reasons = ", ".join(f"{text} {n}" for text, n in found.reasons.most_common(6))
    report.say(f"refused for: {reasons}")
    report.none_of("foreign exceptions", found.foreign)
    report.none_of("lengths that the file can't hold", found.impossible)
    report.none_of("decoded to more than an hour", found.endless)
    report.none_of(f"worked on for more than {_ALLOWED_S:g} s", found.hung)
    report.none_of("crashes of the process", found.crashed)
    report.none_of(f"took more than {_MOST_RESIDENT_BYTES >> 20} MiB", found.large)
    return report.close()


def _some(
    seed: int, numbers: Sequence[int], valid: dict[str, bytes], folder: Path, found: Found
) -> None:
    """Looks at files one after the other, in one process for as long as that lives."""
    left = list(numbers)
    while left:
        with Fork(_look_at, seed, left, valid, folder) as fork:
            try:
                while left:
                    found_now = fork.answer(_ALLOWED_S)
                    left.pop(0)
                    _take(found, found_now)
            except HungError:
                found.hung.append(_name(seed, left.pop(0), valid))
            except EOFError:
                fork.wait(_ALLOWED_S)
                found.crashed.append(_name(seed, left.pop(0), valid))


def _take(found: Found, now: Found) -> None:
    for name in ("taken", "decoded", "refused"):
        setattr(found, name, getattr(found, name) + getattr(now, name))
    found.reasons += now.reasons
    for name in ("foreign", "impossible", "endless", "large"):
        getattr(found, name).extend(getattr(now, name))


def _look_at(
    pipe: Connection, seed: int, numbers: list[int], valid: dict[str, bytes], folder: Path
) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
    for number in list(numbers):
        found = Found()
        kind, content = hostile_file(seed, number, valid)
        path = folder / f"file-{number}.{kind}"
        path.write_bytes(content)
        before = _resident_bytes()
        _identify(path, number, found)
        _decode(path, number, found)
        # Files of remote storage are Python objects, with errors of their own.
        _decode(io.BytesIO(content), number, found)
        if (grown := _resident_bytes() - before) > _MOST_RESIDENT_BYTES:
            found.large.append(f"file {number} ({kind}): {grown >> 20} MiB")
        path.unlink()
        pipe.send(found)


def _resident_bytes() -> int:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def _identify(path: Path, number: int, found: Found) -> None:
    candidate = Candidate(str(path), path.name, "default", "fingerprint")
    try:
        match identify(candidate):
            case Recording() as recording:
                found.taken += 1
                if not _is_possible(recording):
                    found.impossible.append(f"file {number} ({path.suffix}): {recording}")
            case Rejection(reason=reason):
                found.refused += 1
                found.reasons[reason.partition(";")[0]] += 1
        probe(path)
    except NotAudioError:
        return
    except Exception as error:  # noqa: BLE001 - the figure asked for
        found.foreign.append(f"file {number} ({path.suffix}): probe: {error!r}"[:160])


def _is_possible(recording: Recording) -> bool:
    duration_s, size, channels = recording.duration_s, recording.size_bytes, recording.channels
    assert duration_s is not None
    assert size is not None
    assert channels is not None
    return 0 <= duration_s * _FEWEST_BYTES_PER_S <= size + _FEWEST_BYTES_PER_S and channels > 0


def _decode(file: Path | io.BytesIO, number: int, found: Found) -> None:
    samples, kind = 0, getattr(file, "suffix", "in memory")
    try:
        for block in decode_blocks(file, _ENGINE_RATE_HZ):
            samples += block.shape[1]
            if samples > _MOST_SAMPLES:
                found.endless.append(f"file {number} ({kind})")
                return
        found.decoded += 1
    except NotAudioError:
        return
    except Exception as error:  # noqa: BLE001 - the figure asked for
        found.foreign.append(f"file {number} ({kind}): decode: {error!r}"[:160])


def _name(seed: int, number: int, valid: dict[str, bytes]) -> str:
    return f"file {number} ({hostile_file(seed, number, valid)[0]})"
