"""http(s) URLs are passed on untouched; everything fsspec reaches is listed and read."""

import hashlib
import importlib.util
import socket

import pytest
from fsspec.implementations.memory import MemoryFileSystem
from fsspec.registry import _registry as registered
from fsspec.registry import known_implementations, register_implementation

from fermata.errors import UsageError
from fermata.recordings import (
    Candidate,
    GroupBy,
    Listing,
    Recording,
    Rejection,
    identify,
    list_recordings,
    open_content,
    without_secrets,
)
from tests.unheard_port import unheard_port


def found(*sources: str, group_by: GroupBy = GroupBy.FOLDER) -> Listing:
    return list_recordings(sources, group_by)


def only(listing: Listing) -> Candidate:
    (candidate,) = listing.candidates
    return candidate


def test_an_http_url_is_never_requested() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/calls/a.wav"
        recording = identify(only(found(url)))
        with pytest.raises(TimeoutError):
            server.accept()
    assert isinstance(recording, Recording)
    assert (recording.uri, recording.name, recording.group) == (url, "a.wav", "default")
    assert (recording.size_bytes, recording.duration_s, recording.channels) == (None, None, None)
    assert recording.recording_id == hashlib.sha256(url.encode()).hexdigest()


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://example.com/calls/a.wav?X-Signature=s3cret", "a.wav"),
        ("HTTPS://user:s3cret@example.com/calls/a.wav#s3cret", "a.wav"),
        ("https://user:s3cret@example.com/recordings/123/", "example.com"),
        ("https://example.com?token=s3cret", "example.com"),
    ],
)
def test_the_name_of_a_url_holds_no_secret_and_needs_no_extension(url: str, name: str) -> None:
    candidate = only(found(url))
    assert (candidate.uri, candidate.name) == (url, name)
    assert "s3cret" not in candidate.fingerprint
    assert "s3cret" not in without_secrets(url)


def test_a_url_without_a_host_is_wrong_use() -> None:
    with pytest.raises(UsageError, match="names no host"):
        found("https:///a.wav")


def test_the_content_of_a_url_is_not_for_us_to_open() -> None:
    with pytest.raises(UsageError, match="never downloaded") as caught:
        open_content("https://example.com/a.wav?token=s3cret")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("s3://key:s3cret@bucket/calls/a.wav", "s3://bucket/calls/a.wav"),
        ("ftp://me:p@ss@host/calls", "ftp://host/calls"),
        ("abfs://box/a.wav?sig=s3cret", "abfs://box/a.wav"),
        ("zip://a.wav::ftp://me:s3cret@host/b.zip", "zip://a.wav::ftp://host/b.zip"),
        ("calls/me@home/what?.wav", "calls/me@home/what?.wav"),
    ],
)
def test_an_address_is_shown_without_its_secrets(address: str, shown: str) -> None:
    assert without_secrets(address) == shown


def test_remote_storage_is_listed_grouped_and_sorted(bucket: MemoryFileSystem, wav: bytes) -> None:
    bucket.pipe({f"/calls/{name}": wav for name in ("ivr/x/b.WAV", "ivr/a.mp3", "c.ogg", "d.txt")})
    listing = found("memory://calls")
    assert [(each.uri, each.name, each.group) for each in listing.candidates] == [
        ("memory:///calls/c.ogg", "c.ogg", "default"),
        ("memory:///calls/ivr/a.mp3", "ivr/a.mp3", "ivr"),
        ("memory:///calls/ivr/x/b.WAV", "ivr/x/b.WAV", "ivr"),
    ]


def test_remote_storage_is_asked_for_one_listing(
    bucket: MemoryFileSystem, wav: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.pipe({f"/calls/{number}.wav": wav for number in range(50)})
    asked: list[str] = []
    find = MemoryFileSystem.find

    def counted(self: MemoryFileSystem, path: str, **options: object) -> object:
        asked.append(path)
        return find(self, path, **options)

    monkeypatch.setattr(MemoryFileSystem, "find", counted)
    monkeypatch.setattr(MemoryFileSystem, "info", None)
    assert len(found("memory://calls").candidates) == 50
    assert asked == ["/calls"]


def test_spellings_of_one_remote_folder_give_each_file_once(
    bucket: MemoryFileSystem, wav: bytes
) -> None:
    bucket.pipe("/calls/ivr/a.wav", wav)
    spellings = ["memory://calls", "memory:///calls/", "memory://calls/ivr/a.wav", "memory://"]
    candidate = only(found(*spellings))
    assert candidate.name == "calls/ivr/a.wav"
    assert found(*reversed(spellings)) == found(*spellings)


def test_one_remote_file_can_be_named_by_itself(bucket: MemoryFileSystem, wav: bytes) -> None:
    bucket.pipe("/calls/ivr/a.wav", wav)
    candidate = only(found("memory://calls/ivr/a.wav"))
    assert (candidate.name, candidate.group) == ("a.wav", "default")


def test_hidden_and_empty_remote_files_are_treated_as_local_ones(
    bucket: MemoryFileSystem, wav: bytes
) -> None:
    bucket.pipe({"/calls/._a.wav": wav, "/calls/.old/b.wav": wav, "/calls/c.wav": b""})
    rejected = identify(only(found("memory://calls")))
    assert isinstance(rejected, Rejection)
    assert (rejected.name, "empty (0 bytes)" in rejected.reason) == ("c.wav", True)


def test_remote_content_is_identified_and_opened(bucket: MemoryFileSystem, wav: bytes) -> None:
    bucket.pipe("/calls/ivr/a.wav", wav)
    recording = identify(only(found("memory://calls")))
    assert isinstance(recording, Recording)
    assert recording.recording_id == hashlib.sha256(wav).hexdigest()
    assert recording.size_bytes == len(wav)
    with open_content(recording.uri) as file:
        assert file.read() == wav


def test_a_remote_file_that_vanished_is_reported(bucket: MemoryFileSystem, wav: bytes) -> None:
    bucket.pipe("/calls/a.wav", wav)
    candidate = only(found("memory://calls"))
    bucket.rm("/calls/a.wav")
    result = identify(candidate)
    assert isinstance(result, Rejection)
    assert "vanished" in result.reason


def test_a_remote_fingerprint_changes_with_the_content(
    bucket: MemoryFileSystem, wav: bytes
) -> None:
    bucket.pipe("/calls/a.wav", wav)
    before = only(found("memory://calls")).fingerprint
    assert only(found("memory://calls")).fingerprint == before
    bucket.pipe("/calls/a.wav", wav + b"\0\0")
    assert only(found("memory://calls")).fingerprint != before


def test_a_failure_of_the_storage_while_reading_is_reported_in_one_line(
    bucket: MemoryFileSystem, wav: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.pipe("/calls/a.wav", wav)
    candidate = only(found("memory://calls"))

    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("the token has expired\nask for another")

    monkeypatch.setattr(MemoryFileSystem, "open", refuse)
    result = identify(candidate)
    assert isinstance(result, Rejection)
    assert "RuntimeError: the token has expired)" in result.reason
    assert "\n" not in result.reason


@pytest.mark.parametrize("address", ["zip://calls::s3://b/c.zip", "simplecache::s3://b/calls"])
def test_a_chained_address_is_wrong_use(address: str) -> None:
    with pytest.raises(UsageError, match="chained addresses"):
        found(address)


def test_a_remote_folder_that_does_not_exist_is_wrong_use(bucket: MemoryFileSystem) -> None:
    with pytest.raises(UsageError, match=r"memory://nowhere: there is no such file or folder"):
        found("memory://nowhere")


def test_a_remote_folder_without_audio_says_what_it_holds(bucket: MemoryFileSystem) -> None:
    bucket.pipe("/calls/a.txt", b"text")
    with pytest.raises(UsageError, match=r"no audio \(1 of other kinds: 1 \.txt\)"):
        found("memory://calls")


def test_an_unknown_scheme_is_wrong_use() -> None:
    with pytest.raises(UsageError, match=r"the scheme zzz:// is not known; give a folder"):
        found("zzz://bucket/calls")


def test_a_missing_driver_is_named_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(known_implementations, "s3", {"class": "not_there.S3", "err": "no s3fs"})
    monkeypatch.delitem(registered, "s3", raising=False)
    with pytest.raises(UsageError, match="s3:// needs a driver: s3fs, which `make setup`"):
        found("s3://bucket/calls")


@pytest.mark.skipif(importlib.util.find_spec("gcsfs") is not None, reason="gcsfs is installed")
def test_another_missing_driver_is_named_as_fsspec_names_it() -> None:
    with pytest.raises(UsageError, match=r"gs:// needs a driver: Please install gcsfs"):
        found("gs://me:s3cret@bucket/calls")


class StorageWithUsers(MemoryFileSystem):  # type: ignore[misc]  # fsspec has no types
    """Memory behind `users://user@…`, as FTP and SFTP have the user in their URLs."""

    protocol = "users"

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        stripped: str = super()._strip_protocol(path.rpartition("@")[2].replace("users://", ""))
        return stripped

    @staticmethod
    def _get_kwargs_from_urls(path: str) -> dict[str, str]:
        return {"user": path.partition("@")[0]}


def test_an_address_that_says_how_to_get_there_keeps_it_for_each_file(
    bucket: MemoryFileSystem, wav: bytes
) -> None:
    register_implementation("users", StorageWithUsers, clobber=True)
    bucket.pipe({"/calls/ivr/a.wav": wav, "/calls/b.wav": wav})
    listing = found("users://me@calls/", "users://me@calls/b.wav")
    assert [each.uri for each in listing.candidates] == [
        "users://me@calls/b.wav",
        "users://me@calls/ivr/a.wav",
    ]
    assert all(isinstance(identify(each), Recording) for each in listing.candidates)


def test_storage_that_can_not_be_reached_is_wrong_use_and_tells_no_secret() -> None:
    refused = pytest.raises(UsageError, match=r"ftp://127\.0\.0\.1:\d+/calls: can't be")
    with unheard_port() as closed, refused as caught:
        found(f"ftp://me:s3cret@127.0.0.1:{closed}/calls")
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)
