"""Plain WAV headers are read as FFmpeg reads them, and of odd ones nothing is said."""

import io
import struct
from typing import Any

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fermata.audio import AudioFacts, NotAudioError, _facts_by_ffmpeg, probe
from fermata.wave_header import PlainWave, read_plain_wave

PCM_GUID = bytes.fromhex("0100000000001000800000aa00389b71")
FLOAT_GUID = bytes.fromhex("0300000000001000800000aa00389b71")


def chunk(name: bytes, content: bytes, size: int | None = None) -> bytes:
    stated = len(content) if size is None else size
    return name + struct.pack("<I", stated) + content + b"\0" * (len(content) % 2)


def format_chunk(
    channels: int, rate_hz: int, bits: int, extension: bytes = b"", **odd: int
) -> bytes:
    block = odd.get("block", channels * bits // 8)
    per_s = odd.get("per_s", rate_hz * block)
    tag = odd.get("tag", 0xFFFE if extension else 1)
    head = struct.pack("<HHIIHH", tag, channels, rate_hz, per_s & 0xFFFFFFFF, block, bits)
    return chunk(b"fmt ", head + extension)


def extension(bits: int, guid: bytes = PCM_GUID) -> bytes:
    return struct.pack("<HHI", 22, bits, 3) + guid


def wave(*chunks: bytes, riff: int | None = None) -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) if riff is None else riff) + body


def read(content: bytes) -> PlainWave | None:
    return read_plain_wave(io.BytesIO(content))


def by_ffmpeg(content: bytes) -> AudioFacts:
    return _facts_by_ffmpeg(io.BytesIO(content))


@given(
    channels=st.integers(1, 8),
    rate_hz=st.sampled_from([8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000]),
    bits=st.sampled_from([8, 16, 24, 32]),
    samples=st.integers(4_096, 4_100),
    extensible=st.booleans(),
    before=st.lists(
        st.tuples(st.sampled_from([b"PAD ", b"junk", b"cue "]), st.binary(max_size=31)), max_size=3
    ),
    after=st.binary(max_size=9),
)
def test_plain_headers_are_read_as_ffmpeg_reads_them(
    *, channels: int, rate_hz: int, bits: int, samples: int, extensible, before, after: bytes
) -> None:
    more = extension(bits) if extensible else b""
    sound = bytes(channels * bits // 8 * samples)
    content = wave(
        *(chunk(name, said) for name, said in before),
        format_chunk(channels, rate_hz, bits, more),
        chunk(b"data", sound),
        chunk(b"junk", after),
    )
    assert read(content) == PlainWave(channels, rate_hz, samples)
    facts = by_ffmpeg(content)
    assert (facts.channels, facts.sample_rate_hz) == (channels, rate_hz)
    assert facts.duration_s == pytest.approx(samples / rate_hz, abs=1e-6)
    assert probe(io.BytesIO(content)) == AudioFacts(samples / rate_hz, channels, rate_hz)


SOUND = chunk(b"data", bytes(8_192))
PLAIN = format_chunk(1, 8_000, 16)
ODD = {
    "no RIFF": b"RIFX" + wave(PLAIN, SOUND)[4:],
    "not WAVE": wave(PLAIN, SOUND).replace(b"WAVE", b"AVI "),
    "longer than the file": wave(PLAIN, SOUND, riff=100_000),
    "streamed": wave(PLAIN, chunk(b"data", bytes(8_192), size=0xFFFFFFFF), riff=0xFFFFFFFF),
    "cut off": wave(PLAIN, SOUND)[:-2],
    "data before its format": wave(SOUND, PLAIN),
    "no data": wave(PLAIN),
    "empty data": wave(PLAIN, chunk(b"data", b"")),
    "hardly any data": wave(PLAIN, chunk(b"data", bytes(32))),
    "half a sample": wave(PLAIN, chunk(b"data", bytes(8_193))),
    "float": wave(format_chunk(1, 8_000, 32, tag=3), SOUND),
    "mu-law": wave(format_chunk(1, 8_000, 8, tag=7), SOUND),
    "extensible float": wave(format_chunk(1, 8_000, 32, extension(32, FLOAT_GUID)), SOUND),
    "20 of 24 bits": wave(format_chunk(1, 8_000, 24, extension(20)), SOUND),
    "12 bits": wave(format_chunk(1, 8_000, 12), SOUND),
    "no channel": wave(format_chunk(0, 8_000, 16), SOUND),
    "a wrong block": wave(format_chunk(1, 8_000, 16, block=4), SOUND),
    "a wrong byte rate": wave(format_chunk(1, 8_000, 16, per_s=8_000), SOUND),
    "a short format": wave(chunk(b"fmt ", bytes(8)), SOUND),
    "nothing": b"",
    "only RIFF": b"RIFF",
}


@pytest.mark.parametrize("odd", ODD)
def test_of_an_odd_header_nothing_is_said(odd: str) -> None:
    assert read(ODD[odd]) is None


@given(st.data())
def test_a_damaged_header_is_read_as_ffmpeg_reads_it_or_not_at_all(data: Any) -> None:
    content = bytearray(wave(PLAIN, chunk(b"junk", b"abc"), SOUND))
    at = data.draw(st.integers(0, 60))
    content[at] = data.draw(st.integers(0, 255))
    plain = read(bytes(content))
    if plain is None:
        return
    try:
        facts = by_ffmpeg(bytes(content))
    except NotAudioError:
        # FFmpeg takes the sound into account, and refuses rates that nobody records at.
        assert plain.sample_rate_hz not in range(1_000, 768_001)
        return
    assert (facts.channels, facts.sample_rate_hz) == (plain.channels, plain.sample_rate_hz)
    assert facts.duration_s == pytest.approx(plain.samples / plain.sample_rate_hz, abs=1e-3)


def test_a_sample_rate_that_nobody_records_at_is_refused() -> None:
    with pytest.raises(NotAudioError, match="no audio is recorded at"):
        probe(io.BytesIO(wave(format_chunk(1, 999, 16), SOUND)))


def test_what_the_encoder_of_ffmpeg_writes_is_plain() -> None:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="wav") as out:
        stream: Any = out.add_stream("pcm_s16le", rate=16_000, layout="stereo")
        frame = av.AudioFrame(format="s16", layout="stereo", samples=4_096)
        frame.sample_rate = 16_000
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    assert read(buffer.getvalue()) == PlainWave(2, 16_000, 4_096)
