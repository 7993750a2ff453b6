"""A listed recording is read once: proved to be audio, measured and hashed."""

import hashlib
import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

import pytest

from fermata.audio import AudioFacts, probe
from fermata.recordings import (
    Candidate,
    GroupBy,
    Recording,
    Rejection,
    identify,
    list_recordings,
)
from tests.unit.recordings.conftest import wav_bytes

MB = 1_000_000

READ_AND_MEASURE = """
import resource, sys
from pathlib import Path
from fermata.recordings import GroupBy, Recording, identify, list_recordings

def identified(path):
    recording = identify(list_recordings([path], GroupBy.NONE).candidates[0])
    assert isinstance(recording, Recording), recording
    return recording

def peak_kb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

identified(sys.argv[1])
before_kb = peak_kb()
assert identified(sys.argv[2]).size_bytes == Path(sys.argv[2]).stat().st_size
print(peak_kb() - before_kb)
"""


def candidate_for(path: Path) -> Candidate:
    return list_recordings([str(path)], GroupBy.FOLDER).candidates[0]


def reason_for(path: Path) -> str:
    result = identify(candidate_for(path))
    assert isinstance(result, Rejection)
    assert "\n" not in result.reason
    return result.reason


def test_a_recording_is_known_by_its_content(tmp_path: Path) -> None:
    content = wav_bytes(seconds=0.5, channels=2)
    (tmp_path / "a.wav").write_bytes(content)
    candidate = candidate_for(tmp_path)
    assert identify(candidate) == Recording(
        recording_id=hashlib.sha256(content).hexdigest(),
        uri=candidate.uri,
        name="a.wav",
        group="default",
        fingerprint=candidate.fingerprint,
        size_bytes=len(content),
        duration_s=0.5,
        channels=2,
    )


def test_the_same_content_under_two_names_is_the_same_recording(tmp_path: Path, wav: bytes) -> None:
    ids = set()
    for name in ("a.wav", "ivr/b.mp3"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(wav)
        recording = identify(candidate_for(path))
        assert isinstance(recording, Recording)
        ids.add(recording.recording_id)
    assert len(ids) == 1


@pytest.mark.parametrize(
    "content",
    [b"just text\n" * 100, b"<html>not found</html>", bytes(10_000), wav_bytes()[:40]],
    ids=["text", "html", "zeros", "cut within the header"],
)
def test_what_is_no_audio_in_spite_of_its_name_is_reported(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    assert "it can't be decoded as audio" in reason_for(tmp_path / "a.wav")


def test_a_header_without_audio_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(wav_bytes(seconds=0))
    assert "not one sample" in reason_for(tmp_path / "a.wav")


def test_what_is_no_audio_is_not_hashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.wav").touch()
    os.truncate(tmp_path / "a.wav", 2000 * MB)
    monkeypatch.setattr(hashlib, "file_digest", None)
    assert "it can't be decoded as audio" in reason_for(tmp_path / "a.wav")


def test_a_file_that_vanished_after_listing_is_reported(tmp_path: Path, wav: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(wav)
    candidate = candidate_for(tmp_path)
    (tmp_path / "a.wav").unlink()
    result = identify(candidate)
    assert isinstance(result, Rejection)
    assert "vanished" in result.reason


@pytest.mark.parametrize("how", ["grows", "is replaced"])
def test_a_file_that_changes_while_it_is_read_is_left_to_the_next_run(
    tmp_path: Path, wav: bytes, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav)
    candidate = candidate_for(path)

    def changed_meanwhile(file: BinaryIO) -> AudioFacts:
        facts = probe(file)
        if how == "grows":
            with path.open("ab") as writer:
                writer.write(b"more")
        else:
            (tmp_path / "new").write_bytes(wav)
            (tmp_path / "new").rename(path)
        return facts

    monkeypatch.setattr("fermata.recordings.identity.probe", changed_meanwhile)
    result = identify(candidate)
    assert isinstance(result, Rejection)
    assert result.reason == "changed while being read; the next run will take it"


def test_a_file_the_disk_refuses_to_read_is_reported() -> None:
    unreadable = "/proc/self/mem"
    if not Path(unreadable).exists():
        pytest.skip("needs Linux's /proc to have a file that fails when it is read")
    result = identify(Candidate(unreadable, "a.wav", "default", ""))
    assert isinstance(result, Rejection)
    assert "can't be read (Input/output error)" in result.reason


def test_a_long_recording_is_read_in_constant_memory(tmp_path: Path, wav: bytes) -> None:
    (tmp_path / "short.wav").write_bytes(wav)
    samples_bytes = 300 * MB
    header = bytearray(wav[:44])
    struct.pack_into("<I", header, 4, 36 + samples_bytes)
    struct.pack_into("<I", header, 40, samples_bytes)
    (tmp_path / "long.wav").write_bytes(header)
    os.truncate(tmp_path / "long.wav", 44 + samples_bytes)
    command = [sys.executable, "-c", READ_AND_MEASURE]
    command += [str(tmp_path / "short.wav"), str(tmp_path / "long.wav")]
    grown_kb = int(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)
    assert grown_kb < 3000
