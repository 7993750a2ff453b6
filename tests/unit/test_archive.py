"""The archive of transcripts: kept as received, read back or refused."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fermata.archive import DamagedArchiveError, TranscriptArchive
from fermata.storage import NotStoredError, Storage

RECORDING = "ab" * 32
OPTIONS = "0123456789ab"


@pytest.fixture
def archive(tmp_path):
    return TranscriptArchive(Storage(str(tmp_path)))


def stored_file(tmp_path):
    return tmp_path / "transcripts" / f"{RECORDING}.{OPTIONS}.json.gz"


def test_a_transcript_is_kept_byte_for_byte(archive):
    raw = b'{"id": "t",\r\n  "text": "caf\xc3\xa9" ,"utterances":null}\n'
    archive.write(RECORDING, OPTIONS, raw)
    assert archive.raw(RECORDING, OPTIONS) == raw
    assert archive.read(RECORDING, OPTIONS) == json.loads(raw)


def test_it_stands_under_content_and_options_as_plain_gzip(archive, tmp_path):
    archive.write(RECORDING, OPTIONS, b"{}")
    assert gzip.decompress(stored_file(tmp_path).read_bytes()) == b"{}"


@given(st.binary(max_size=2_000))
def test_the_same_answer_makes_the_same_file(raw):
    first, second = Storage("memory://first"), Storage("memory://second")
    for storage in (first, second):
        TranscriptArchive(storage).write(RECORDING, OPTIONS, raw)
    path = TranscriptArchive(first).path(RECORDING, OPTIONS)
    assert first.read(path) == second.read(path)
    assert TranscriptArchive(first).raw(RECORDING, OPTIONS) == raw


def test_other_options_are_another_transcript(archive):
    archive.write(RECORDING, OPTIONS, b'{"id": "one"}')
    archive.write(RECORDING, "ba9876543210", b'{"id": "two"}')
    assert archive.read(RECORDING, OPTIONS) == {"id": "one"}
    assert archive.keys() == ((RECORDING, OPTIONS), (RECORDING, "ba9876543210"))


def test_an_empty_archive_has_no_keys(archive):
    assert archive.keys() == ()


def test_only_what_was_written_exists(archive):
    assert not archive.exists(RECORDING, OPTIONS)
    archive.write(RECORDING, OPTIONS, b"{}")
    assert archive.exists(RECORDING, OPTIONS)


def test_a_transcript_that_is_not_there_is_not_called_damaged(archive):
    with pytest.raises(NotStoredError):
        archive.read(RECORDING, OPTIONS)


def packed(text: bytes) -> bytes:
    return gzip.compress(text, mtime=0)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no gzip at all",
        packed(b'{"id": "t"}' * 50)[:-12],
        packed(b'{"id": "t"}')[:-1] + b"\x7f",
        packed(b'{"id": '),
        packed(b'["not", "an", "object"]'),
        packed(b"\xff\xfe\xfd"),
    ],
    ids=["empty", "no gzip", "cut short", "wrong checksum", "half an object", "a list", "no text"],
)
def test_a_damaged_transcript_is_refused_with_its_place_and_a_way_out(archive, tmp_path, content):
    stored_file(tmp_path).parent.mkdir()
    stored_file(tmp_path).write_bytes(content)
    with pytest.raises(DamagedArchiveError, match="or delete it") as refused:
        archive.read(RECORDING, OPTIONS)
    assert str(stored_file(tmp_path)) in str(refused.value)
    assert "\n" not in str(refused.value)
