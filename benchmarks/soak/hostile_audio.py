"""Audio files that no recorder writes: valid ones in every container, their heads changed."""

import io
import random
import struct
from collections.abc import Callable
from typing import Any

import av
import numpy as np

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
_HEAD_BYTES = 200
_MOST_CHANGES = 4
_LENGTH_S = 0.6
RATE_HZ = 16_000
_WAV_SHARE = 0.4


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


def valid_files() -> dict[str, bytes]:
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
