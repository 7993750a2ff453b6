"""The average gaps of real conversations come out as published for each set.

Transcripts must match to the millisecond. For segment lists the figure depends by up to
2 % on how utterances are built from them.
"""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from fermata.calibration import choose, load_presets
from fermata.turntaking import analyse, gap_statistics, positive

PROJECT = Path(__file__).parents[3]
DATA = PROJECT.parent / "shared" / "data"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the development conversations are not on this machine"
)


def transcripts_of(name):
    return [json.loads(path.read_text()) for path in sorted((DATA / name).glob("*.json"))]


def segments_of_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield int(row["begin_ms"]), int(row["end_ms"]), row["participant"]


def segments_of_rttm(path):
    for line in path.read_text().splitlines():
        _, _, _, start_s, length_s, _, _, speaker, *_ = line.split()
        start_ms = round(float(start_s) * 1_000)
        yield start_ms, start_ms + round(float(length_s) * 1_000), speaker


def transcript_of_segments(segments):
    """Joins neighbouring segments of one speaker, as a recogniser's utterances are."""
    utterances = []
    for start, end, speaker in sorted(segments):
        if utterances and utterances[-1]["speaker"] == speaker:
            utterances[-1]["end"] = max(utterances[-1]["end"], end)
        else:
            utterances.append({"speaker": speaker, "start": start, "end": end})
    return {"utterances": utterances}


def segment_transcripts_of(name):
    folder = DATA / name
    lists = [*map(segments_of_csv, sorted(folder.glob("*.csv")))]
    lists += map(segments_of_rttm, sorted(folder.glob("*.rttm")))
    return [transcript_of_segments(segments) for segments in lists]


def pooled_statistics(transcripts):
    gaps = [positive(analyse(transcript).gaps) for transcript in transcripts]
    return gap_statistics(np.array([gap.gap_ms for each in gaps for gap in each]))


def chosen_preset(statistics):
    return choose(statistics, load_presets(PROJECT / "config" / "presets.toml")).preset


@pytest.mark.parametrize(
    ("name", "average_gap_ms", "preset"),
    [
        ("spjallromur", 1_368, "conservative"),
        ("earnings21", 1_910, "conservative"),
        ("rhapsodie", 550, "balanced"),
        ("naija-nsc", 279, "aggressive"),
    ],
)
def test_transcripts_match_to_the_millisecond(name, average_gap_ms, preset):
    statistics = pooled_statistics(transcripts_of(name))
    assert round(statistics.average_gap_ms) == average_gap_ms
    assert chosen_preset(statistics) == preset


@pytest.mark.parametrize(
    ("name", "average_gap_ms", "preset"),
    [
        ("ifadv", 471, "aggressive"),
        ("voxconverse", 1_782, "conservative"),
        ("ami-only-words", 2_208, "conservative"),
    ],
)
def test_segment_lists_match_within_two_percent(name, average_gap_ms, preset):
    statistics = pooled_statistics(segment_transcripts_of(name))
    assert statistics.average_gap_ms == pytest.approx(average_gap_ms, rel=0.02)
    assert chosen_preset(statistics) == preset
