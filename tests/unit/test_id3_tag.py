"""A tag in front of audio changes nothing that is read of it."""

import io
from pathlib import Path

import av
import numpy as np
import pytest

from fermata.audio import NotAudioError, decode, decode_stretch, probe
from fermata.live.sources.file import FileSource
from fermata.recordings import GroupBy, Recording, identify, list_recordings
from tests.unit.test_audio import encoded

RATE_HZ = 16_000
FORMATS = [
    ("wav", "pcm_s16le", RATE_HZ, "stereo"),
    ("wav", "pcm_f32le", 48_000, "mono"),
    ("aiff", "pcm_s16be", RATE_HZ, "mono"),
    ("ogg", "libopus", 48_000, "stereo"),
    ("mp3", "libmp3lame", 44_100, "stereo"),
]


def tag(length: int, *, has_footer: bool = False) -> bytes:
    """An ID3v2.4 tag with nothing but padding in it."""
    flags = b"\x10" if has_footer else b"\0"
    size = bytes((length >> shift) & 0x7F for shift in (21, 14, 7, 0))
    end = b"3DI\x04\x00" + flags + size if has_footer else b""
    return b"ID3\x04\x00" + flags + size + bytes(length) + end


@pytest.mark.parametrize("format_", FORMATS, ids=lambda format_: "-".join(map(str, format_)))
@pytest.mark.parametrize(
    "tags", [tag(0), tag(300), tag(70_000, has_footer=True), tag(10) + tag(5)], ids=len
)
def test_it_is_measured_and_decoded_as_without(
    format_: tuple[str, str, int, str], tags: bytes
) -> None:
    if format_[1] not in av.codecs_available:
        pytest.skip(f"this build of PyAV can't write {format_[1]}")
    content = encoded(*format_)
    assert probe(io.BytesIO(tags + content)) == probe(io.BytesIO(content))
    with_tags = decode(io.BytesIO(tags + content), RATE_HZ)
    assert np.array_equal(with_tags, decode(io.BytesIO(content), RATE_HZ))


def test_a_recording_with_one_is_identified_and_streamed_channel_by_channel(
    tmp_path: Path,
) -> None:
    content = encoded("wav", "pcm_s16le", RATE_HZ, "stereo")
    path = tmp_path / "call.wav"
    path.write_bytes(tag(500) + content)
    recording = identify(list_recordings([str(path)], GroupBy.NONE).candidates[0])
    assert isinstance(recording, Recording)
    assert (recording.channels, recording.duration_s) == (2, 1.0)
    assert recording.size_bytes == path.stat().st_size
    source = FileSource(path)
    heard = np.concatenate([block.samples for block in source.blocks()], axis=1)
    assert np.array_equal(heard, np.frombuffer(content[-64_000:], np.int16).reshape(-1, 2).T)
    assert np.array_equal(
        decode_stretch(path, RATE_HZ, 0.25, 0.5),
        decode_stretch(io.BytesIO(content), RATE_HZ, 0.25, 0.5),
    )


@pytest.mark.parametrize(
    "content",
    [b"ID3", tag(50)[:20], tag(5), tag(5) + b"RIFF", b"ID3\x04\0\0\xff\xff\xff\xff" + bytes(90)],
    ids=repr,
)
def test_a_tag_without_audio_behind_it_is_no_audio(content: bytes) -> None:
    with pytest.raises(NotAudioError):
        probe(io.BytesIO(content))
