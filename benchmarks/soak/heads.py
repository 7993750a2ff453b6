"""Audio files with hostile heads, identified and decoded: no foreign exception, hang or crash.

Each piece of work is done in a process of its own, with a bound on its time and its memory: a
decoder written in C may do anything.
"""

import io
import random
import resource
import shutil
import struct
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import av
import numpy as np

from benchmarks.soak.forks import Fork, HungError, in_fork
from benchmarks.soak.report import Report
from fermata.audio import NotAudioError, decode_blocks, probe
from fermata.recordings import Candidate, Recording, Rejection, identify

RATE_HZ = 16_000
_LENGTH_S = 0.6
_AT_ONCE = 100
_ALLOWED_S = 20.0
_MOST_BYTES = 3 << 30
"""Of address space; Python with all that is imported takes about one of these."""

_MOST_RESIDENT_BYTES = 512 << 20
_HEAD_BYTES = 200
_MOST_CHANGES = 4
_ENGINE_RATE_HZ = 16_000
_MOST_SAMPLES = 60 * 60 * _ENGINE_RATE_HZ
"""An hour out of less than a second is a fault, whatever the head says."""

_CONTAINERS = {
    "wav": ("wav", "pcm_s16le"),
    "flac": ("flac", "flac"),
    "ogg": ("ogg", "libvorbis"),
    "opus": ("ogg", "libopus"),
    "mp3": ("mp3", "libmp3lame"),
    "m4a": ("mp4", "aac"),
    "webm": ("webm", "libopus"),
    "aiff": ("aiff", "pcm_s16be"),
    "au": ("au", "pcm_s16be"),
    "aac": ("adts", "aac"),
    "wv": ("wv", "wavpack"),
    "ts": ("mpegts", "aac"),
}
_WAV_SHARE = 0.4


@dataclass(slots=True)
class Found:
    """What the files brought out."""

    taken: int = 0
    decoded: int = 0
    refused: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    foreign: list[str] = field(default_factory=list)
    endless: list[str] = field(default_factory=list)
    hung: list[str] = field(default_factory=list)
    crashed: list[str] = field(default_factory=list)
    large: list[str] = field(default_factory=list)


def soak_heads(count: int, seed: int) -> Report:
    """Identifies and decodes so many files with changed heads."""
    report = Report(f"heads of audio files: seed {seed}")
    found, folder = Found(), Path(tempfile.mkdtemp(prefix="fermata-soak-heads-"))
    try:
        valid = in_fork(_valid_files)
        for first in range(0, count, _AT_ONCE):
            _some(seed, range(first, min(first + _AT_ONCE, count)), valid, folder, found)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report.say(f"{count:,} files of {', '.join(valid)}")
    report.say(f"{found.taken:,} taken, {found.decoded:,} decoded, {found.refused:,} refused")
    reasons = ", ".join(f"{text} {n}" for text, n in found.reasons.most_common(6))
    report.say(f"refused for: {reasons}")
    report.none_of("foreign exceptions", found.foreign)
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
    for name in ("foreign", "endless", "large"):
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
                if not 0 <= recording.duration_s < float("inf") or recording.channels < 1:  # type: ignore[operator]
                    found.foreign.append(f"file {number} ({path.suffix}): {recording}")
            case Rejection(reason=reason):
                found.refused += 1
                found.reasons[reason.partition(";")[0]] += 1
        probe(path)
    except NotAudioError:
        return
    except Exception as error:  # noqa: BLE001 - the figure asked for
        found.foreign.append(f"file {number} ({path.suffix}): probe: {error!r}"[:160])


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


def hostile_file(seed: int, number: int, valid: dict[str, bytes]) -> tuple[str, bytes]:
    """The hostile file of that number: always the same for a seed."""
    chance = random.Random(f"{seed}-{number}")
    if "wav" in valid and chance.random() < _WAV_SHARE:
        kind = "wav"
        content = bytearray(wav_with(chance) if chance.random() < 0.5 else valid["wav"])  # noqa: PLR2004
    else:
        kind = chance.choice(sorted(valid))
        content = bytearray(valid[kind])
    for _ in range(chance.randint(0 if kind == "wav" else 1, _MOST_CHANGES)):
        chance.choice(_CHANGES)(content, chance)
    return kind, bytes(content)


def wav_with(chance: random.Random) -> bytes:
    """A WAV whose head says what no recorder would."""
    pick = chance.choice
    channels = pick((0, 1, 2, 3, 8, 63, 64, 255, 256, 65_535))
    rate = pick((0, 1, 7, 8_000, 44_100, 768_000, 2**31 - 1, 2**31, 2**32 - 1))
    bits = pick((0, 1, 4, 8, 16, 24, 32, 64, 65_535))
    tag = pick((0, 1, 1, 1, 2, 3, 6, 7, 0x11, 0x31, 0x55, 0x161, 0xFFFE, 0xFFFF))
    align = pick((0, 1, 2, max(1, channels * bits // 8), 65_535)) & 0xFFFF
    data = chance.randbytes(pick((0, 1, 3, 64, 4_000, 32_000)))
    told = pick((0, len(data), len(data) + 1, 2**31 - 1, 2**31, 2**32 - 1))
    form = struct.pack("<HHIIHH", tag, channels, rate, rate * align & 0xFFFFFFFF, align, bits)
    form += chance.randbytes(pick((0, 2, 24))) if tag != 1 else b""
    format_bytes = pick((len(form), len(form), 0, 14, 2**31, 2**32 - 1))
    junk = pick((b"", b"", b"JUNK" + struct.pack("<I", pick((4, 2**32 - 1))) + b"abcd"))
    body = b"WAVE" + junk + b"fmt " + struct.pack("<I", format_bytes) + form
    body += b"data" + struct.pack("<I", told) + data
    return (
        pick((b"RIFF", b"RIFF", b"RF64", b"RIFX"))
        + struct.pack("<I", pick((len(body), 0, 2**32 - 1)))
        + body
    )


def _at(content: bytearray, chance: random.Random) -> int:
    """A place in the head, mostly."""
    end = min(_HEAD_BYTES, len(content)) if chance.random() < 0.8 else len(content)  # noqa: PLR2004
    return chance.randrange(max(1, end))


def _other_byte(content: bytearray, chance: random.Random) -> None:
    at = _at(content, chance)
    content[at : at + 1] = bytes([chance.randrange(256)])


def _extreme(content: bytearray, chance: random.Random) -> None:
    value = chance.choice(
        (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\x80")
    )
    at = _at(content, chance)
    content[at : at + 4] = value


def _cut(content: bytearray, chance: random.Random) -> None:
    del content[_at(content, chance) :]


def _left_out(content: bytearray, chance: random.Random) -> None:
    at = _at(content, chance)
    del content[at : at + chance.randint(1, 40)]


def _put_in(content: bytearray, chance: random.Random) -> None:
    at = _at(content, chance)
    content[at:at] = chance.randbytes(chance.randint(1, 40))


def _repeated(content: bytearray, chance: random.Random) -> None:
    at = _at(content, chance)
    piece = bytes(content[at : at + chance.randint(4, 400)])
    content[at:at] = piece * chance.choice((1, 3, 40))


_CHANGES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _other_byte,
    _other_byte,
    _extreme,
    _extreme,
    _cut,
    _left_out,
    _put_in,
    _repeated,
)


def _valid_files() -> dict[str, bytes]:
    """A short tone in every container that this FFmpeg can write."""
    files = {}
    for kind, (container, codec) in _CONTAINERS.items():
        try:
            files[kind] = _encoded(container, codec)
        except (av.FFmpegError, ValueError):  # a build without that encoder
            continue
    return files


def _encoded(container: str, codec: str) -> bytes:
    rate_hz = 48_000 if codec == "libopus" else RATE_HZ
    times_s = np.arange(int(_LENGTH_S * rate_hz)) / rate_hz
    tone = (8_000 * np.sin(2 * np.pi * 440 * times_s)).astype(np.int16).reshape(1, -1)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as output:
        stream: Any = output.add_stream(codec, rate=rate_hz, layout="mono")
        frame = av.AudioFrame.from_ndarray(tone, format="s16", layout="mono")
        frame.sample_rate = rate_hz
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            output.mux(packet)
    return buffer.getvalue()
