"""Folders, files and addresses in; a sorted list of recordings out."""

import logging
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fermata.errors import UsageError
from fermata.recordings import (
    AUDIO_EXTENSIONS,
    GroupBy,
    Listing,
    list_recordings,
    told_kinds,
)

# fmt: off
GUIDE_EXTENSIONS = [
    ".3ga", ".8svx", ".aac", ".ac3", ".aif", ".aiff", ".alac", ".amr", ".ape", ".au", ".dss",
    ".flac", ".flv", ".m4a", ".m4b", ".m4p", ".m4r", ".mp3", ".mpga", ".ogg", ".oga", ".mogg",
    ".opus", ".qcp", ".tta", ".voc", ".wav", ".wma", ".wv", ".webm", ".MTS", ".M2TS", ".TS",
    ".mov", ".mp2", ".mp4", ".m4v", ".mxf",
]
OF_TELEPHONES = [".3gp", ".gsm"]
# fmt: on


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"not empty")


def found(*sources: Path | str, group_by: GroupBy = GroupBy.FOLDER) -> Listing:
    return list_recordings([str(source) for source in sources], group_by)


def names(listing: Listing) -> list[str]:
    return [candidate.name for candidate in listing.candidates]


def groups(listing: Listing) -> dict[str, str]:
    return {candidate.name: candidate.group for candidate in listing.candidates}


@pytest.mark.parametrize("extension", [*GUIDE_EXTENSIONS, *OF_TELEPHONES])
def test_every_extension_of_the_guide_counts_in_either_case(tmp_path: Path, extension: str) -> None:
    put(tmp_path, f"as_written{extension}", f"lower/a{extension.lower()}")
    put(tmp_path, f"upper/a{extension.upper()}")
    assert len(found(tmp_path).candidates) == 3


def test_the_extensions_are_those_of_the_guide_and_of_telephones_and_no_others() -> None:
    listed = [*GUIDE_EXTENSIONS, *OF_TELEPHONES]
    assert {extension.lower() for extension in listed} == AUDIO_EXTENSIONS


def test_folders_are_searched_to_the_bottom_and_listed_sorted(tmp_path: Path) -> None:
    put(tmp_path, "z.wav", "ivr/2024/may/b.mp3", "a.flac", "ivr/a.wav")
    assert names(found(tmp_path)) == ["a.flac", "ivr/2024/may/b.mp3", "ivr/a.wav", "z.wav"]


def test_files_of_other_kinds_are_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "a.wav", "notes.txt", "wav", "a.wav.part")
    assert names(found(tmp_path)) == ["a.wav"]
    assert found(tmp_path).rejections == ()


def test_how_many_files_are_passed_over_is_told_by_extension(tmp_path: Path) -> None:
    put(tmp_path, "a.wav", "a.TXT", "ivr/b.txt", "ivr/c.pdf", "README", ".hidden.txt")
    (tmp_path / "link.txt").symlink_to("a.TXT")
    listing = found(tmp_path, tmp_path / "ivr", tmp_path / "a.TXT")
    assert listing.passed_over == {".txt": 2, ".pdf": 1, "no extension": 1}


def test_of_many_kinds_the_most_frequent_are_told() -> None:
    kinds = {f".x{number}": number for number in range(1, 11)}
    assert told_kinds(kinds).startswith("10 .x10, 9 .x9, ")
    assert told_kinds(kinds).endswith(", 3 .x3, 3 of 2 other kinds")


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "a.wav", "._a.wav", ".trash/b.wav", ".wav")
    assert names(found(tmp_path)) == ["a.wav"]


def test_a_hidden_file_named_by_itself_is_taken(tmp_path: Path) -> None:
    put(tmp_path, ".secret.wav")
    assert names(found(tmp_path / ".secret.wav")) == [".secret.wav"]


def test_the_first_sub_folder_is_the_group(tmp_path: Path) -> None:
    put(tmp_path, "ivr/a.wav", "ivr/2024/b.wav", "c.wav")
    assert groups(found(tmp_path)) == {
        "ivr/a.wav": "ivr",
        "ivr/2024/b.wav": "ivr",
        "c.wav": "default",
    }


def test_without_grouping_all_are_in_one_group(tmp_path: Path) -> None:
    put(tmp_path, "ivr/a.wav", "c.wav")
    assert set(groups(found(tmp_path, group_by=GroupBy.NONE)).values()) == {"default"}


def test_a_file_named_by_itself_goes_by_its_own_name_in_the_default_group(tmp_path: Path) -> None:
    put(tmp_path, "ivr/a.wav")
    assert groups(found(tmp_path / "ivr" / "a.wav")) == {"a.wav": "default"}


def test_a_folder_named_like_all_groups_gets_another_group_name(tmp_path: Path) -> None:
    put(tmp_path, "*/a.wav")
    assert groups(found(tmp_path)) == {"*/a.wav": "(*)"}


def test_a_folder_with_a_blank_name_is_the_default_group(tmp_path: Path) -> None:
    put(tmp_path, " /a.wav")
    assert groups(found(tmp_path)) == {" /a.wav": "default"}


def test_a_group_is_the_same_however_its_letters_are_composed(tmp_path: Path) -> None:
    put(tmp_path, "cafe\u0301/a.wav", "caf\u00e9/b.wav")
    assert set(groups(found(tmp_path)).values()) == {"caf\u00e9"}


def test_file_urls_are_paths(tmp_path: Path) -> None:
    put(tmp_path, "ivr/a.wav")
    assert found(f"file://{tmp_path}") == found(tmp_path)


def test_the_address_of_a_file_is_its_absolute_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "ivr/a.wav")
    monkeypatch.chdir(tmp_path)
    assert [each.uri for each in found("ivr").candidates] == [str(tmp_path / "ivr" / "a.wav")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_neither_order_nor_overlap_of_the_sources_changes_the_list(
    tmp_path: Path, data: st.DataObject
) -> None:
    put(tmp_path, "ivr/a.wav", "ivr/deep/b.wav", "support/c.wav", "d.wav")
    places = ["", "ivr", "ivr/deep", "ivr/a.wav", "support", "support/../ivr"]
    drawn = data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=8))
    shuffled = data.draw(st.permutations(drawn + drawn[:2]))
    listing = found(*(tmp_path / place for place in drawn))
    assert found(*(tmp_path / place for place in shuffled)) == listing
    uris = [each.uri for each in listing.candidates]
    assert len(uris) == len(set(uris))


def test_a_file_found_twice_keeps_the_name_that_tells_its_group(tmp_path: Path) -> None:
    put(tmp_path, "ivr/a.wav")
    listing = found(tmp_path / "ivr" / "a.wav", tmp_path / "ivr", tmp_path)
    assert groups(listing) == {"ivr/a.wav": "ivr"}


def test_the_fingerprint_changes_when_the_file_is_written_to(tmp_path: Path) -> None:
    put(tmp_path, "a.wav")
    before = found(tmp_path).candidates[0].fingerprint
    assert found(tmp_path).candidates[0].fingerprint == before
    status = (tmp_path / "a.wav").stat()
    os.utime(tmp_path / "a.wav", ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert found(tmp_path).candidates[0].fingerprint != before


@pytest.mark.parametrize("sources", [[], [""]])
def test_no_source_is_wrong_use(sources: list[str]) -> None:
    with pytest.raises(UsageError, match="no recordings given"):
        found(*sources)


@pytest.mark.parametrize("source", ["missing", "missing/a.wav", "missing.wav", "nul\0.wav"])
def test_a_source_that_does_not_exist_is_wrong_use(tmp_path: Path, source: str) -> None:
    with pytest.raises(UsageError, match=r"there is no such file or folder") as caught:
        found(tmp_path / source)
    assert "\n" not in str(caught.value)


def test_an_empty_folder_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no file in it; these extensions count: 3ga 3gp 8svx"):
        found(tmp_path)


def test_a_folder_without_audio_says_what_it_holds_and_what_counts(tmp_path: Path) -> None:
    put(tmp_path, "a.txt", "b.txt", "c.pdf", "README")
    expected = r"no audio \(4 of other kinds: 2 \.txt, 1 \.pdf, 1 no extension\); these ext"
    with pytest.raises(UsageError, match=expected):
        found(tmp_path)


def test_a_file_without_an_audio_extension_is_wrong_use(tmp_path: Path) -> None:
    put(tmp_path, "a.txt")
    with pytest.raises(UsageError, match=r"a\.txt: no audio .*\.txt"):
        found(tmp_path / "a.txt")


def test_an_empty_folder_beside_a_full_one_is_only_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(tmp_path, "full/a.wav")
    (tmp_path / "empty").mkdir()
    with caplog.at_level(logging.WARNING, "fermata.recordings"):
        assert names(found(tmp_path / "full", tmp_path / "empty")) == ["a.wav"]
    assert "no file in it" in caplog.text


def test_listing_opens_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "a.wav", "ivr/b.wav")

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a file was opened")

    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr("io.open", refuse)
    assert len(found(tmp_path).candidates) == 2
