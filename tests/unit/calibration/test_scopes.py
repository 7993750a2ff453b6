"""A calibration belongs to its sources or to a name, and one scope leaves another alone."""

from pathlib import Path

import pytest

from fermata.calibration import (
    MAIN,
    PublishedBy,
    all_scopes,
    keep_scope,
    main_scope,
    members,
    publish,
    read_latest,
    roll_back,
    scope_for,
    scope_named,
)
from fermata.errors import UsageError
from fermata.storage import Storage
from tests.unit.calibration.publishing_folder import PRESETS, QUICK_MS, SLOW_MS, Folder


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "data"))


def recording(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return str(path)


def test_files_of_a_folder_are_the_same_scope_as_the_folder(storage: Storage, tmp_path: Path):
    first, second = (recording(tmp_path / "calls" / name) for name in ("a.wav", "b.wav"))
    folder = scope_for(storage, [str(tmp_path / "calls")])
    assert scope_for(storage, [first, second]) == folder
    assert scope_for(storage, [second]) == folder
    assert folder.name == str(tmp_path / "calls")


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("s3://key:secret@bucket/calls/", "s3://bucket/calls"),
        ("s3://bucket/calls/a.wav", "s3://bucket/calls"),
        ("https://host/calls/a.wav?signature=secret", "https://host/calls"),
        ("https://user:secret@host/a.wav", "https://host"),
    ],
)
def test_an_address_is_known_without_its_secrets(storage: Storage, given: str, name: str):
    assert scope_for(storage, [given]).name == name


def test_order_and_overlap_of_sources_make_no_other_scope(storage: Storage, tmp_path: Path):
    (tmp_path / "calls" / "ivr").mkdir(parents=True)
    (tmp_path / "more").mkdir()
    whole, part, more = (str(tmp_path / name) for name in ("calls", "calls/ivr", "more"))
    assert scope_for(storage, [more, whole, part]) == scope_for(storage, [whole, more])
    assert scope_for(storage, [whole]).name != scope_for(storage, [part]).name


def test_many_sources_have_a_name_one_can_read(storage: Storage, tmp_path: Path):
    folders = [tmp_path / f"folder-{number:02}" for number in range(30)]
    names = {scope_for(storage, [str(each) for each in folders[:n]]).name for n in (29, 30)}
    assert len(names) == 2
    assert all((len(name) < 300 and "28 more" in name) or "29 more" in name for name in names)


class Teams:
    """Teams with scopes of their own in one data folder."""

    def __init__(self, root: Path) -> None:
        self.folder = Folder(root)
        self.storage = self.folder.storage

    def publish(self, scope: str, gap_ms: int, *, given: bool = True) -> None:
        of = (["/calls"], scope) if given else ([scope], "")
        found = scope_for(self.storage, *of)
        keep_scope(self.storage, found)
        run_id = self.folder.calibrate({"ivr": gap_ms}, scope=found.name)
        publish(
            *(self.storage, PRESETS, run_id),
            by=PublishedBy.AUTOMATIC,
            reason="a test",
            scope=found,
        )

    def max_ms(self, scope: str) -> int:
        latest = read_latest(self.storage, scope_named(self.storage, scope))
        assert latest is not None
        return latest.overall.max_turn_silence_ms


@pytest.fixture
def teams(tmp_path: Path) -> Teams:
    return Teams(tmp_path)


def test_two_teams_do_not_overwrite_each_other(teams: Teams):
    teams.publish("sales", SLOW_MS)
    teams.publish("support", QUICK_MS)
    assert (teams.max_ms("sales"), teams.max_ms("support")) == (3_600, 400)
    teams.publish("support", SLOW_MS)
    roll_back(teams.storage, PRESETS, scope=scope_named(teams.storage, "support"))
    assert (teams.max_ms("sales"), teams.max_ms("support")) == (3_600, 400)
    # Who publishes first is read where no scope is named, whoever publishes after.
    assert teams.max_ms("") == 3_600
    assert main_scope(teams.storage).name == "sales"
    assert [each.name for each in all_scopes(teams.storage)] == ["sales", "support"]


def test_an_older_data_folder_is_taken_over_by_a_run_over_its_folders_alone(teams: Teams):
    older = teams.folder.publish({"ivr": SLOW_MS})
    assert teams.folder.runs["*"] == older
    teams.publish("tests", QUICK_MS)
    assert main_scope(teams.storage) == MAIN
    assert (teams.max_ms(""), teams.max_ms("tests")) == (3_600, 400)
    teams.publish("/calls", QUICK_MS, given=False)
    assert main_scope(teams.storage).name == "/calls"
    assert teams.max_ms("") == 400
    # What was in force before can be had again.
    roll_back(teams.storage, PRESETS, scope=main_scope(teams.storage))
    assert teams.max_ms("") == 3_600


def test_a_scope_is_named_by_the_end_of_its_path_where_that_tells_it(teams: Teams):
    teams.publish("/teams/a/calls", QUICK_MS, given=False)
    teams.publish("/teams/b/calls", SLOW_MS, given=False)
    assert teams.max_ms("b/calls") == 3_600
    with pytest.raises(UsageError, match="several scopes end so; name one of: /teams/a/calls, "):
        scope_named(teams.storage, "calls")
    with pytest.raises(UsageError, match="no such scope; name one of: /teams/a/calls, /teams/b"):
        scope_named(teams.storage, "c")


def test_recordings_belong_to_the_scopes_of_their_folders_and_else_to_the_main_one(teams: Teams):
    teams.publish("/a", QUICK_MS, given=False)
    teams.publish("/b", QUICK_MS, given=False)
    first, second = (members(teams.storage, scope_named(teams.storage, each)) for each in "ab")
    for uri, belongs in (
        ("/a/1.wav", (True, False)),
        ("/b/1.wav", (False, True)),
        ("/before/scopes.wav", (True, False)),
        ("/ab/1.wav", (True, False)),
    ):
        assert (first.has(uri), second.has(uri)) == belongs
