"""A recording's analysis, held against the guide's own code path."""

import pytest
from hypothesis import given

from fermata.turntaking import AnalysisStatus, analyse
from tests.strategies import transcripts


def the_guides_way(utterances):
    """What the guide computes for one file; None where it gives up."""
    if len(utterances) < 2:
        return None
    gaps = []
    for i in range(len(utterances) - 1):
        gap = utterances[i + 1]["start"] - utterances[i]["end"]
        if gap > 0:
            gaps.append(gap)
    if not gaps:
        return None
    return {
        "average_gap_ms": sum(gaps) / len(gaps),
        "min_gap_ms": min(gaps),
        "max_gap_ms": max(gaps),
        "upper_median_gap_ms": sorted(gaps)[len(gaps) // 2],
        "total_gaps": len(gaps),
    }


@given(transcripts)
def test_the_figures_are_the_guides_for_utterances_in_order(transcript):
    in_order = sorted(transcript["utterances"], key=lambda u: (u["start"], u["end"]))
    expected = the_guides_way(in_order)
    analysis = analyse({"utterances": in_order})
    assert analysis.total_utterances == len(in_order)
    assert (analysis.status is AnalysisStatus.ANALYSED) == (expected is not None)
    if expected is None:
        assert analysis.statistics is None
    else:
        assert {name: getattr(analysis.statistics, name) for name in expected} == expected


@given(transcripts)
def test_every_signed_gap_is_kept_beside_the_figures(transcript):
    analysis = analyse(transcript)
    assert len(analysis.gaps) == max(analysis.total_utterances - 1, 0)


@pytest.mark.parametrize("utterances", [None, [], [{"start": 0, "end": 900}]])
def test_fewer_than_two_utterances_are_too_few(utterances):
    analysis = analyse({"utterances": utterances})
    assert analysis.status is AnalysisStatus.TOO_FEW_UTTERANCES
    assert "at least 2" in analysis.status.reason


def test_a_recording_in_overlap_throughout_has_no_gaps_to_average():
    analysis = analyse({"utterances": [{"start": 0, "end": 900}, {"start": 800, "end": 990}]})
    assert analysis.status is AnalysisStatus.NO_GAPS
    assert "overlaps" in analysis.status.reason
    assert [gap.gap_ms for gap in analysis.gaps] == [-100]


def test_an_analysed_recording_needs_no_reason():
    analysis = analyse({"utterances": [{"start": 0, "end": 900}, {"start": 950, "end": 990}]})
    assert analysis.status is AnalysisStatus.ANALYSED
    assert analysis.status.reason is None
    assert analysis.statistics.average_gap_ms == 50
