"""The bundled recordings are what their plan says, and their script makes them again."""

import itertools
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fermata.audio import decode, probe
from fermata.recordings import GroupBy, Recording, identify, list_recordings
from tests.recordings.make_recordings import HERE, make_all, write_table

PLANS: list[dict[str, Any]] = json.loads((HERE / "planned.json").read_text(encoding="utf-8"))
LARGEST_BYTES = 3_000_000

every_recording = pytest.mark.parametrize("plan", PLANS, ids=[plan["name"] for plan in PLANS])


def level(samples: np.ndarray[Any, Any]) -> float:
    return float(np.sqrt(np.mean(samples**2)))


def test_they_are_small_and_all_in_the_plan() -> None:
    listing = list_recordings([str(HERE)], GroupBy.FOLDER)
    assert listing.rejections == ()
    planned = {(plan["name"], plan["group"]) for plan in PLANS}
    assert {(each.name, each.group) for each in listing.candidates} == planned
    recordings = [identify(candidate) for candidate in listing.candidates]
    sizes_bytes = [each.size_bytes or 0 for each in recordings if isinstance(each, Recording)]
    assert len(sizes_bytes) == len(PLANS) >= 6
    assert sum(sizes_bytes) < LARGEST_BYTES


@every_recording
def test_each_has_the_planned_form(plan: dict[str, Any]) -> None:
    facts = probe(HERE / plan["name"])
    assert facts.channels == plan["channels"]
    assert facts.sample_rate_hz == plan["sample_rate_hz"]
    assert facts.duration_s == pytest.approx(plan["duration_ms"] / 1000, abs=0.001)
    assert 8 <= facts.duration_s <= 20


@every_recording
def test_each_is_loud_within_its_utterances_and_quiet_between_them(plan: dict[str, Any]) -> None:
    rate_hz = plan["sample_rate_hz"]
    audio = decode(HERE / plan["name"], rate_hz)
    quiet = np.ones(audio.shape, dtype=bool)
    for utterance in plan["utterances"]:
        start, end = (utterance[edge] * rate_hz // 1000 for edge in ("start_ms", "end_ms"))
        assert level(audio[utterance["channel"], start:end]) > 0.05
        # The telephone's low pass rings on for a few samples.
        quiet[utterance["channel"], max(0, start - 40) : end + 40] = False
    assert level(audio[quiet]) < 0.0005


@every_recording
def test_the_planned_gaps_are_those_between_the_planned_utterances(plan: dict[str, Any]) -> None:
    utterances = plan["utterances"]
    pairs = itertools.pairwise(utterances)
    assert plan["gaps_ms"] == [after["start_ms"] - before["end_ms"] for before, after in pairs]
    positive = [gap for gap in plan["gaps_ms"] if gap > 0]
    assert plan["average_gap_ms"] == pytest.approx(sum(positive) / len(positive), abs=0.001)


def test_the_plan_covers_what_an_analysis_can_meet() -> None:
    averages = {plan["name"]: plan["average_gap_ms"] for plan in PLANS}
    assert all(plan["average_gap_ms"] < 450 for plan in PLANS if plan["group"] == "ivr")
    assert any(500 < average < 1000 for average in averages.values())
    assert any(average > 1000 for average in averages.values())
    assert any(gap < 0 for plan in PLANS for gap in plan["gaps_ms"])
    assert {(plan["channels"], plan["sample_rate_hz"]) for plan in PLANS} == {
        (channels, rate_hz) for channels in (1, 2) for rate_hz in (8000, 16000)
    }
    assert all(min(plan["gaps_ms"]) >= 350 for plan in PLANS if plan["channels"] == 1)


@pytest.mark.skipif(shutil.which("flite") is None, reason="flite, which speaks them, is missing")
def test_the_script_makes_them_again(tmp_path: Path) -> None:
    make_all(tmp_path)
    assert (tmp_path / "planned.json").read_bytes() == (HERE / "planned.json").read_bytes()
    for plan in PLANS:
        again, bundled = (
            decode(folder / plan["name"], plan["sample_rate_hz"]) for folder in (tmp_path, HERE)
        )
        assert np.array_equal(again, bundled), plan["name"]


def test_the_table_in_the_readme_is_the_plan(tmp_path: Path) -> None:
    copy = shutil.copy(HERE / "README.md", tmp_path)
    write_table(Path(copy), PLANS)
    assert Path(copy).read_text(encoding="utf-8") == (HERE / "README.md").read_text("utf-8")
