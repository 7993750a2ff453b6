"""Every setting that takes a path, in a folder whose name means something in a URL."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.settings import Settings, settings
from config.wiring import ledger, presets, prices, storage
from fermata.drivers import local_path, open_driver
from fermata.ledger import in_file
from fermata.localserver.references import References
from fermata.recordings import GroupBy, Recording, identify, list_recordings, open_content
from fermata.storage import Storage
from tests.flows.conversations import Conversations, write_sound
from tests.flows.running import forget_wiring
from tests.odd_names import ODD_NAME


@pytest.fixture(autouse=True)
def odd(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """An odd folder in an empty one, where nothing else may appear."""
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    monkeypatch.chdir(tmp_path)
    forget_wiring()
    folder = tmp_path / ODD_NAME
    folder.mkdir()
    yield folder
    forget_wiring()
    assert list(tmp_path.iterdir()) == [folder]


def use_data_folder(odd: Path) -> None:
    storage().write_atomically("a/b.txt", b"kept")
    assert (odd / "a" / "b.txt").read_bytes() == b"kept"
    assert storage().list("") == ("a/b.txt",)
    ledger().close()
    assert (odd / "ledger.sqlite").exists()


def use_ledger(odd: Path) -> None:
    ledger().close()
    assert (odd / "ledger.sqlite").exists()


def use_recordings(odd: Path) -> None:
    write_sound(odd / "team #2?" / "call.wav", "call")
    (found,) = list_recordings(settings().recordings, GroupBy.FOLDER).candidates
    assert (found.uri, found.group) == (str(odd / "team #2?" / "call.wav"), "team #2?")
    assert isinstance(identify(found), Recording)
    with open_content(found.uri) as file:
        assert file.read(4) == b"RIFF"


def use_presets(odd: Path) -> None:
    shutil.copy(Settings.model_fields["presets_file"].default, odd / "presets.toml")
    assert presets().presets


def use_prices(odd: Path) -> None:
    shutil.copy(Settings.model_fields["prices_file"].default, odd / "prices.toml")
    assert prices().source


USES: dict[str, tuple[Callable[[Path], str], Callable[[Path], None]]] = {
    "data_dir": (str, use_data_folder),
    "ledger_url": (lambda odd: in_file(f"{odd}/ledger.sqlite").render_as_string(), use_ledger),
    "recordings": (str, use_recordings),
    "presets_file": (lambda odd: f"{odd}/presets.toml", use_presets),
    "prices_file": (lambda odd: f"{odd}/prices.toml", use_prices),
}
"""How each setting is set, and what shows that it leads where it says."""


def test_no_setting_that_takes_a_path_is_left_out() -> None:
    named = {name for name in Settings.model_fields if name.endswith(("_dir", "_file"))}
    assert named | {"ledger_url", "recordings"} == set(USES)


@pytest.mark.parametrize("name", USES)
def test_a_setting_leads_where_it_says(
    odd: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    value_at, use = USES[name]
    monkeypatch.setenv(f"FERMATA_{name.upper()}", value_at(odd))
    use(odd)


@pytest.mark.parametrize("name", ["data_dir", "recordings"])
def test_it_does_so_as_a_url_of_a_file(
    odd: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"FERMATA_{name.upper()}", odd.as_uri())
    USES[name][1](odd)


def test_a_relative_data_folder_may_be_odd_too(odd: Path) -> None:
    Storage(f"{ODD_NAME}/b::c").write_atomically("a.txt", b"kept")
    assert (odd / "b::c" / "a.txt").read_bytes() == b"kept"


def test_the_home_folder_may_be_shortened(odd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(odd))
    Storage("~/data").write_atomically("a.txt", b"kept")
    assert (odd / "data" / "a.txt").exists()


@pytest.mark.parametrize("host", ["", "localhost"])
def test_a_url_of_a_file_is_decoded_and_a_bare_path_is_not(host: str) -> None:
    assert local_path(f"file://{host}/calls/a%20b%3F.wav") == Path("/calls/a b?.wav")
    assert local_path("/calls/a%20b.wav") == Path("/calls/a%20b.wav")


@pytest.mark.parametrize("key", ["a::b.wav", "a::b::c.wav", f"{ODD_NAME}/é.wav"])
def test_objects_in_remote_storage_may_be_called_anything(key: str) -> None:
    pytest.importorskip("s3fs")
    _, path = open_driver(f"s3://bucket/{key}")
    assert path == f"bucket/{key}"


def test_a_chained_address_is_refused_as_a_data_folder() -> None:
    with pytest.raises(ValueError, match="chained"):
        open_driver("simplecache::memory://calls")


def test_a_folder_of_references_may_be_odd(odd: Path) -> None:
    conversations = Conversations(odd)
    content_id = conversations.add("team #2?/call.wav")
    assert References.load(odd).find(content_id) is not None


def test_what_is_handed_to_a_browser_leads_to_the_file(odd: Path) -> None:
    page = odd / "report.html"
    page.write_text("a page")
    assert local_path(page.as_uri()) == page


@pytest.mark.usefixtures("prefect_server")
def test_the_database_of_the_local_prefect_server_is_in_its_folder() -> None:
    from config.prefect_server import server_home

    assert ODD_NAME in str(server_home())
    assert (server_home() / "prefect.db").exists()
