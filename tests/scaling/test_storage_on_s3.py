"""The data folder on a real S3 server: the same promises as on disk."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import pytest

from fermata import drivers
from fermata.archive import TranscriptArchive
from fermata.errors import UsageError
from fermata.recordings import GroupBy, Recording, identify, list_recordings
from fermata.storage import NotStoredError, Storage, StorageError
from tests.odd_names import ODD_NAME
from tests.scaling.s3_server import BUCKET, S3Server
from tests.unit.live_audio.wavs import wav


def key_of(storage: Storage, relative: str) -> str:
    """The name of an object as another program knows it."""
    return storage.path(relative).removeprefix(f"{BUCKET}/")


def test_what_was_written_is_read_listed_and_named_by_its_url(storage: Storage) -> None:
    storage.write_atomically("gaps/a.parquet", b"one")
    storage.write_atomically("gaps/a.parquet", b"two")
    storage.write_atomically("gaps-old/b.parquet", b"")
    assert storage.read("gaps/a.parquet") == b"two"
    assert storage.list("gaps", ".parquet") == ("gaps/a.parquet",)
    assert storage.uri("gaps/a.parquet").startswith(f"s3://{BUCKET}/")
    assert storage.exists("gaps/a.parquet")
    assert not storage.exists("gaps")


@pytest.mark.parametrize("name", ["a::b.wav", "a::b::c.wav", f"{ODD_NAME}.wav"])
def test_a_recording_may_have_any_name(s3_folder: str, s3: S3Server, name: str) -> None:
    content = wav(bytes(8_000), channels=2, rate_hz=8_000, bits=16)
    key = f"{s3_folder.removeprefix(f's3://{BUCKET}/')}/ivr/{name}"
    s3.client().put_object(Bucket=BUCKET, Key=key, Body=content)
    for source in (s3_folder, f"{s3_folder}/ivr/{name}"):
        (candidate,) = list_recordings([source], GroupBy.FOLDER).candidates
        assert candidate.uri == f"{s3_folder}/ivr/{name}"
        recording = identify(candidate)
        assert isinstance(recording, Recording)
        assert recording.channels == 2


def test_an_empty_folder_holds_nothing(storage: Storage) -> None:
    assert storage.list("") == ()
    assert not storage.exists("a")
    with pytest.raises(NotStoredError, match="is not there"):
        storage.read("a")


def test_what_another_machine_writes_and_deletes_is_seen_at_once(
    storage: Storage, s3: S3Server
) -> None:
    storage.write_atomically("gaps/a", b"ours")
    assert storage.list("gaps") == ("gaps/a",)
    other = s3.client()
    other.put_object(Bucket=BUCKET, Key=key_of(storage, "gaps/b"), Body=b"theirs")
    other.put_object(Bucket=BUCKET, Key=key_of(storage, "gaps/a"), Body=b"theirs, and longer")
    assert storage.list("gaps") == ("gaps/a", "gaps/b")
    assert storage.read("gaps/a") == b"theirs, and longer"
    other.delete_object(Bucket=BUCKET, Key=key_of(storage, "gaps/a"))
    assert storage.list("gaps") == ("gaps/b",)
    assert not storage.exists("gaps/a")


def test_a_removed_file_is_gone_and_may_be_removed_again(storage: Storage) -> None:
    storage.write_atomically("a", b"")
    storage.remove("a")
    storage.remove("a")
    assert storage.list("") == ()


def test_a_file_is_whole_or_not_there_while_it_is_replaced(storage: Storage) -> None:
    size = 200_000
    storage.write_atomically("a", b"0" * size)
    done = threading.Event()

    def rewrite() -> None:
        for digit in b"123456789" * 3:
            storage.write_atomically("a", bytes([digit]) * size)
        done.set()

    writer = threading.Thread(target=rewrite)
    writer.start()
    seen = set()
    while not done.is_set():
        content = storage.read("a")
        assert len(content) == size
        assert len(set(content)) == 1
        seen.add(content[0])
    writer.join()
    assert len(seen) > 1


def test_a_file_of_several_parts_is_written_and_read_whole(storage: Storage) -> None:
    data = bytes(range(256)) * (52 * 2**20 // 256)
    storage.write_atomically("large", data)
    assert storage.read("large") == data


def test_transcripts_are_kept_in_s3(storage: Storage) -> None:
    archive = TranscriptArchive(storage)
    archive.write("c0ffee", "options", b'{"id": "t"}')
    assert archive.exists("c0ffee", "options")
    assert archive.keys() == (("c0ffee", "options"),)
    assert archive.read("c0ffee", "options") == {"id": "t"}


def test_a_check_leaves_nothing_behind(storage: Storage, s3: S3Server) -> None:
    storage.check_writable()
    assert s3.keys(key_of(storage, "")) == []


def test_a_bucket_that_does_not_exist_is_wrong_use(s3: S3Server) -> None:
    storage = Storage("s3://no-such-bucket/data")
    with pytest.raises(UsageError, match=r"s3://no-such-bucket/data.* no such bucket") as refused:
        storage.check_writable()
    assert "\n" not in str(refused.value)
    with pytest.raises(StorageError, match="no such bucket"):
        storage.write_atomically("a", b"")


def test_wrong_credentials_are_wrong_use(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAWRONG")
    storage = Storage(f"s3://{BUCKET}/data")
    with s3.asking_for_keys():
        with pytest.raises(UsageError, match=r"could not be written .*credentials") as refused:
            storage.check_writable()
        with pytest.raises(StorageError, match="could not be looked up"):
            storage.exists("a")
    assert "\n" not in str(refused.value)


def test_the_right_credentials_are_let_in(storage: Storage, s3: S3Server) -> None:
    with s3.asking_for_keys():
        storage.check_writable()
        storage.write_atomically("a", b"one")
        assert storage.read("a") == b"one"


def test_no_credentials_are_wrong_use(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(UsageError, match="Unable to locate credentials"):
        Storage(f"s3://{BUCKET}/data").check_writable()


def test_a_local_folder_that_can_not_be_written_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(UsageError, match="could not be written"):
        Storage(str(tmp_path / "data")).check_writable()
    Storage(str(tmp_path / "other")).check_writable()
    assert list((tmp_path / "other").iterdir()) == []


class Overloaded:
    """An S3 server that says it is overloaded; it counts how often it was asked."""

    def __init__(self, answers: int) -> None:
        self.asked = 0
        counted = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                counted.asked += 1
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.send_response(503 if counted.asked <= answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def test_a_moment_of_overload_is_waited_for(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with Overloaded(answers=1) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        Storage(f"s3://{BUCKET}/data").write_atomically("a", b"")
    assert server.asked == 2


def test_a_lasting_overload_ends_in_an_error(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with Overloaded(answers=1_000) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        with pytest.raises(StorageError, match="could not be written"):
            Storage(f"s3://{BUCKET}/data").write_atomically("a", b"")
    assert server.asked == 2


def test_a_server_that_takes_a_file_and_never_answers_is_not_waited_for_for_ever(
    s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drivers, "_PUT_TIMEOUT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(StorageError, match="no answer came for too long"):
            Storage(f"s3://{BUCKET}/data").write_atomically("a", b"one")


def test_waiting_for_s3_has_an_end_that_a_person_can_move(
    s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = Storage(f"s3://{BUCKET}/data")
    storage.list("")
    config = storage.filesystem.s3.meta.config
    assert (config.connect_timeout, config.read_timeout) == (5, 20)
    assert config.retries["total_max_attempts"] == 2
    import fsspec

    monkeypatch.setitem(fsspec.config.conf, "s3", {"config_kwargs": {"read_timeout": 3}})
    patient = Storage(f"s3://{BUCKET}/data")
    patient.list("")
    config = patient.filesystem.s3.meta.config
    assert (config.connect_timeout, config.read_timeout) == (5, 3)
