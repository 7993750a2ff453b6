"""Whatever is written can be read by its owner alone, from birth, whatever the umask allows."""

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from fermata.errors import UsageError
from fermata.ledger import Ledger
from fermata.live.frames import Block
from fermata.live.recorder import WavRecorder
from fermata.private_files import open_private
from fermata.sessions import SessionKeeper, recover
from fermata.storage import Storage
from tests.unit.sessions.happenings import channel_report, plan, report, turn

SOMEBODY_ELSE = 12_345


@pytest.fixture(autouse=True)
def everything_is_allowed() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def stored(folder: Path) -> None:
    Storage(str(folder)).write_atomically("reports/2026/a.html", b"said")


def in_the_ledger(folder: Path) -> None:
    ledger = Ledger(f"sqlite:///{folder / 'deep' / 'ledger.sqlite'}")
    # While it is open: its log and its index of shared memory lie beside it.
    assert len([*(folder / "deep").iterdir()]) == 3
    check(folder)
    ledger.close()


def in_a_session(folder: Path) -> None:
    with SessionKeeper(Storage(str(folder)), plan()) as keeper:
        recorded(keeper.audio_path.parent)
        keeper.on_turn(turn(0, "Hello."))
        check(folder)
        keeper.on_end(report(channel_report(0, (turn(0, "Hello."),))))


def in_a_spool(folder: Path) -> None:
    remote = Storage(f"memory://{uuid.uuid4().hex}")
    with SessionKeeper(remote, plan(), spool=folder) as keeper:
        keeper.on_turn(turn(0, "Hello."))
        check(folder)
        keeper.on_end(report())


def recorded(folder: Path) -> None:
    folder.mkdir(0o700, exist_ok=True)
    with WavRecorder(folder / "audio.wav", 8_000, 1) as recorder:
        recorder.write(Block(0, np.zeros((1, 80), np.int16)))


@pytest.mark.parametrize("write", [stored, in_the_ledger, in_a_session, in_a_spool, recorded])
def test_only_its_owner_may_read_what_is_written(
    write: Callable[[Path], None], tmp_path: Path
) -> None:
    write(tmp_path / "data")
    check(tmp_path / "data")


def check(folder: Path) -> None:
    """All that is there, the folder as well."""
    found = [folder, *folder.rglob("*")]
    assert len(found) > 1
    assert [str(each) for each in found if each.stat().st_mode & 0o077] == []


def test_a_file_is_nobody_elses_before_anything_is_in_it(tmp_path: Path) -> None:
    with open_private(tmp_path / "a", "xb") as file:
        assert os.fstat(file.fileno()).st_mode & 0o777 == 0o600


def test_a_folder_that_is_there_already_is_left_as_somebody_made_it(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(0o755)
    stored(tmp_path / "data")
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o755


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="gives files away")
@pytest.mark.parametrize("use", ["stream", "recover"])
def test_a_spool_of_another_user_is_refused(use: str, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir(0o700)
    os.chown(spool, SOMEBODY_ELSE, -1)
    remote = Storage(f"memory://{uuid.uuid4().hex}")
    with pytest.raises(UsageError, match=r"another user's.* set TMPDIR"):
        SessionKeeper(remote, plan(), spool=spool) if use == "stream" else recover(
            remote, spool=spool
        )


def test_a_spool_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "spool").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="or no folder"):
        SessionKeeper(Storage(f"memory://{uuid.uuid4().hex}"), plan(), spool=tmp_path / "spool")


def test_a_spool_that_was_open_to_others_is_closed(tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir(0o777)
    SessionKeeper(Storage(f"memory://{uuid.uuid4().hex}"), plan(), spool=tmp_path / "spool")
    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o700
