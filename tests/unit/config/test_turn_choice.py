"""Which turn settings a session is launched with before anything was calibrated."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.choices import PresetChoice
from config.turns import TurnRequest, choose_turns
from fermata.errors import UsageError
from tests.flows.running import forget_wiring


@pytest.fixture(autouse=True)
def data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("FERMATA_DATA_DIR", str(tmp_path))
    forget_wiring()
    yield
    forget_wiring()


def test_a_named_preset_says_that_it_does_not_tell_groups_apart() -> None:
    chosen = choose_turns(TurnRequest(PresetChoice.CONSERVATIVE, "support"))
    assert chosen.origin == "the preset Conservative, which is the same for every group"
    assert chosen.settings.max_turn_silence_ms == 3_600


def test_own_numbers_go_before_those_of_a_preset() -> None:
    chosen = choose_turns(TurnRequest(PresetChoice.BALANCED, None, 700, None))
    assert (chosen.settings.min_turn_silence_ms, chosen.settings.max_turn_silence_ms) == (700, 1280)
    assert chosen.origin == "own numbers, in place of the preset Balanced"


def test_numbers_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(UsageError, match="give both, or correct one"):
        choose_turns(TurnRequest(PresetChoice.BALANCED, None, 2_000, None))


def test_a_group_that_was_never_calibrated_is_refused() -> None:
    with pytest.raises(UsageError, match="no calibration yet for the group 'support'"):
        choose_turns(TurnRequest(PresetChoice.AUTO, "support"))
