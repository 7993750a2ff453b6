"""The data folder: whole files or none, on disk and elsewhere."""

import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from fermata.errors import FermataError, UsageError
from fermata.storage import NotStoredError, Storage, StorageError


@pytest.fixture
def on_disk(tmp_path):
    return Storage(str(tmp_path / "data"))


@pytest.fixture(params=["disk", "memory"])
def storage(request, tmp_path):
    if request.param == "disk":
        return Storage(str(tmp_path / "data"))
    return Storage(f"memory://{uuid.uuid4().hex}/data")


def leftovers_in(folder):
    return [path.name for path in Path(folder).iterdir() if path.name.startswith(".")]


def test_what_was_written_is_read_back(storage):
    storage.write_atomically("gaps/a.parquet", b"one")
    assert storage.read("gaps/a.parquet") == b"one"


def test_a_second_write_replaces_the_first(storage):
    storage.write_atomically("a", b"a longer first text")
    storage.write_atomically("a", b"two")
    assert storage.read("a") == b"two"
    assert storage.list("") == ("a",)


def test_only_files_that_are_there_exist(storage):
    storage.write_atomically("gaps/a.parquet", b"")
    assert storage.exists("gaps/a.parquet")
    assert not storage.exists("gaps/b.parquet")
    assert not storage.exists("gaps")


def test_reading_what_is_not_there_says_so(storage):
    with pytest.raises(NotStoredError, match=r"none\.json is not there"):
        storage.read("none.json")


def test_a_listing_is_sorted_deep_and_kept_to_its_folder_and_suffix(storage):
    for name in ("gaps/b.parquet", "gaps/2026/a.parquet", "gaps/note.txt", "gaps-old/c.parquet"):
        storage.write_atomically(name, b"")
    assert storage.list("gaps", ".parquet") == ("gaps/2026/a.parquet", "gaps/b.parquet")


def test_a_folder_that_is_not_there_holds_nothing(storage):
    assert storage.list("gaps", ".parquet") == ()


def test_a_removed_file_is_gone_and_may_be_removed_again(storage):
    storage.write_atomically("a", b"")
    storage.remove("a")
    storage.remove("a")
    assert not storage.exists("a")


def test_what_another_process_writes_is_seen_at_once(tmp_path):
    ours, theirs = Storage(str(tmp_path)), Storage(f"file://{tmp_path}")
    assert ours.list("") == ()
    theirs.write_atomically("a", b"")
    assert ours.list("") == ("a",)


@pytest.mark.parametrize("path", ["/etc/passwd", "../secret", "a/../../b"])
def test_paths_stay_below_the_data_folder(storage, path):
    with pytest.raises(ValueError, match="below the data folder"):
        storage.write_atomically(path, b"")


def test_a_local_file_is_named_by_its_absolute_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Storage("./data").uri("gaps/a.parquet") == str(tmp_path / "data/gaps/a.parquet")


def test_a_file_elsewhere_is_named_by_its_url():
    assert Storage("memory://bucket/data").uri("a.json") == "memory:///bucket/data/a.json"


def test_an_unknown_scheme_is_wrong_use():
    with pytest.raises(UsageError, match="carrier-pigeon") as refused:
        Storage("carrier-pigeon://loft")
    assert "\n" not in str(refused.value)


def test_a_write_leaves_nothing_behind_but_the_file(on_disk, tmp_path):
    on_disk.write_atomically("gaps/a.parquet", b"one")
    assert [path.name for path in (tmp_path / "data/gaps").iterdir()] == ["a.parquet"]


def test_a_write_that_fails_keeps_the_old_file_and_cleans_up(on_disk, tmp_path):
    (tmp_path / "data" / "a" / "occupied").mkdir(parents=True)
    with pytest.raises(StorageError, match=r"could not be written \(Is a directory\)") as failed:
        on_disk.write_atomically("a", b"new")
    assert isinstance(failed.value, FermataError)
    assert "\n" not in str(failed.value)
    assert leftovers_in(tmp_path / "data") == []


def test_a_data_folder_that_is_a_file_is_explained(tmp_path):
    (tmp_path / "data").touch()
    with pytest.raises(StorageError, match="could not be written"):
        Storage(str(tmp_path / "data")).write_atomically("gaps/a.parquet", b"")


def test_stale_temporary_files_are_swept_and_fresh_ones_left_alone(on_disk, tmp_path):
    folder = tmp_path / "data/gaps"
    folder.mkdir(parents=True)
    for name in (".stale.partial", ".fresh.partial"):
        (folder / name).touch()
    yesterday = time.time() - 86_400
    os.utime(folder / ".stale.partial", (yesterday, yesterday))
    on_disk.write_atomically("gaps/a.parquet", b"")
    assert leftovers_in(folder) == [".fresh.partial"]


def test_temporary_files_are_never_listed(on_disk, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/.x.partial").touch()
    assert on_disk.list("") == ()


WRITER = """
import itertools, sys
from fermata.storage import Storage
storage = Storage(sys.argv[1])
for letter in itertools.cycle((b"a", b"b")):
    storage.write_atomically("big", letter * 20_000_000)
    sys.stdout.write("written\\n")
    sys.stdout.flush()
"""


def kill_in_the_middle_of_a_write(folder, writes):
    """Kills a writer when, after some whole writes, the next temporary file is seen."""
    command = [sys.executable, "-c", WRITER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        for _ in range(writes):
            assert writer.stdout.readline()
        while not leftovers_in(folder):
            assert writer.poll() is None
        writer.kill()


@pytest.mark.parametrize("writes", range(1, 6))
def test_a_writer_killed_in_the_middle_of_a_write_leaves_a_whole_file(tmp_path, writes):
    kill_in_the_middle_of_a_write(tmp_path, writes)
    content = Storage(str(tmp_path)).read("big")
    assert len(content) == 20_000_000
    assert len(set(content)) == 1
    assert Storage(str(tmp_path)).list("") == ("big",)
