"""Links, loops, locked folders and other traps of a file system: reported, never fatal."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fermata.errors import UsageError
from fermata.recordings import GroupBy, Listing, Rejection, identify, list_recordings

NOBODY = 65534


def found(source: Path) -> Listing:
    return list_recordings([str(source)], GroupBy.FOLDER)


def names(listing: Listing) -> list[str]:
    return [candidate.name for candidate in listing.candidates]


def reasons(listing: Listing) -> dict[str, str]:
    return {rejection.name: rejection.reason for rejection in listing.rejections}


@contextmanager
def as_an_ordinary_user() -> Iterator[None]:
    """Permissions don't bind root: step down while the block runs."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder an ordinary user may enter (pytest's own are closed to others)."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize("target", [".", "..", "../..", "/"])
def test_a_link_to_a_folder_above_is_reported_and_not_followed(
    tmp_path: Path, wav: bytes, target: str
) -> None:
    folder = tmp_path / "recordings" / "ivr"
    folder.mkdir(parents=True)
    (folder / "a.wav").write_bytes(wav)
    (folder / "loop").symlink_to(target)
    listing = found(tmp_path / "recordings")
    assert names(listing) == ["ivr/a.wav"]
    assert "leads back" in reasons(listing)["ivr/loop"]


def test_folders_that_link_to_each_other_are_reported_and_listed_once(
    tmp_path: Path, wav: bytes
) -> None:
    for here, there in (("a", "b"), ("b", "a")):
        (tmp_path / here).mkdir()
        (tmp_path / here / "call.wav").write_bytes(wav)
        (tmp_path / here / there).symlink_to(tmp_path / there)
    listing = found(tmp_path)
    assert names(listing) == ["a/call.wav", "b/call.wav"]
    assert set(reasons(listing)) == {"a/b", "b/a"}


def test_a_loop_through_a_folder_elsewhere_is_reported(tmp_path: Path, wav: bytes) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.wav").write_bytes(wav)
    (tmp_path / "elsewhere" / "back").symlink_to(tmp_path / "source")
    (tmp_path / "source" / "out").symlink_to(tmp_path / "elsewhere")
    listing = found(tmp_path / "source")
    assert names(listing) == ["out/a.wav"]
    assert set(reasons(listing)) == {"out/back"}


def test_a_linked_folder_is_followed_and_names_the_group(tmp_path: Path, wav: bytes) -> None:
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "a.wav").write_bytes(wav)
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "ivr").symlink_to(tmp_path / "archive")
    listing = found(tmp_path / "source")
    assert [(each.name, each.group) for each in listing.candidates] == [("ivr/a.wav", "ivr")]


def test_a_second_name_for_a_listed_folder_adds_nothing(tmp_path: Path, wav: bytes) -> None:
    (tmp_path / "may").mkdir()
    (tmp_path / "may" / "a.wav").write_bytes(wav)
    (tmp_path / "latest").symlink_to(tmp_path / "may")
    listing = found(tmp_path)
    assert names(listing) == ["may/a.wav"]
    assert listing.rejections == ()


def test_a_linked_file_is_the_same_recording_as_its_target(tmp_path: Path, wav: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(wav)
    (tmp_path / "b.wav").symlink_to(tmp_path / "a.wav")
    listing = found(tmp_path)
    assert names(listing) == ["a.wav"]
    assert [each.name for each in listing.links] == ["b.wav"]


def test_a_file_that_two_sources_lead_to_is_no_link(tmp_path: Path, wav: bytes) -> None:
    (tmp_path / "ivr").mkdir()
    (tmp_path / "ivr" / "a.wav").write_bytes(wav)
    listing = list_recordings([str(tmp_path), str(tmp_path / "ivr")], GroupBy.FOLDER)
    assert names(listing) == ["ivr/a.wav"]
    assert listing.links == ()


@pytest.mark.parametrize("name", ["gone.wav", "unmounted_share"])
def test_a_link_that_leads_nowhere_is_reported(tmp_path: Path, name: str) -> None:
    (tmp_path / name).symlink_to(tmp_path / "nothing")
    (tmp_path / "itself.wav").symlink_to(tmp_path / "itself.wav")
    assert set(reasons(found(tmp_path))) == {name, "itself.wav"}


def test_an_empty_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.wav").touch()
    (candidate,) = found(tmp_path).candidates
    rejected = identify(candidate)
    assert isinstance(rejected, Rejection)
    assert "empty (0 bytes)" in rejected.reason


def test_a_file_that_may_not_be_read_is_not_called_empty(tmp_path: Path) -> None:
    (tmp_path / "a.wav").touch(mode=0)
    (candidate,) = found(tmp_path).candidates
    with as_an_ordinary_user():
        rejected = identify(candidate)
    assert isinstance(rejected, Rejection)
    assert "can't be read (Permission denied)" in rejected.reason


def test_a_pipe_with_an_audio_name_is_reported_instead_of_read_for_ever(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.wav")
    assert "not an ordinary file" in reasons(found(tmp_path))["a.wav"]


def test_a_folder_with_an_audio_name_is_a_folder(tmp_path: Path, wav: bytes) -> None:
    (tmp_path / "calls.wav").mkdir()
    (tmp_path / "calls.wav" / "a.wav").write_bytes(wav)
    assert names(found(tmp_path)) == ["calls.wav/a.wav"]


def test_a_name_that_is_not_utf8_is_reported_with_a_name_that_can_be_printed(
    tmp_path: Path, wav: bytes
) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.wav")).write_bytes(wav)
    listing = found(tmp_path)
    assert listing.candidates == ()
    assert "UTF-8" in reasons(listing)["caf\\udce9.wav"]
    assert listing.rejections[0].uri.encode()


def test_a_locked_folder_is_reported_and_the_rest_is_listed(open_folder: Path, wav: bytes) -> None:
    (open_folder / "locked").mkdir(mode=0o700)
    (open_folder / "a.wav").write_bytes(wav)
    (open_folder / "locked").chmod(0)
    with as_an_ordinary_user():
        listing = found(open_folder)
    (open_folder / "locked").chmod(0o700)
    assert names(listing) == ["a.wav"]
    assert "Permission denied" in reasons(listing)["locked"]


def test_a_locked_source_is_wrong_use(open_folder: Path) -> None:
    (open_folder / "locked").mkdir(mode=0o700)
    (open_folder / "locked").chmod(0)
    with (
        as_an_ordinary_user(),
        pytest.raises(UsageError, match=r"can't be read \(Permission denied\)"),
    ):
        found(open_folder / "locked")
    (open_folder / "locked").chmod(0o700)


def test_a_file_that_may_not_be_read_is_reported(open_folder: Path, wav: bytes) -> None:
    (open_folder / "a.wav").write_bytes(wav)
    (open_folder / "a.wav").chmod(0)
    with as_an_ordinary_user():
        result = identify(found(open_folder).candidates[0])
    assert isinstance(result, Rejection)
    assert "Permission denied" in result.reason
