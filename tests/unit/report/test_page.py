"""The page of a run as HTML: whole without a replay, and safe whatever was said."""

from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fermata.calibration import RecordingOutcome, calibrate, load_presets
from fermata.explain import Clip, DecidingPause, Effect, Spoken
from fermata.report.page import Lengths, Page, ShownPause, render_page
from fermata.report.page.plots import lengths_plot, plane_plot
from fermata.thresholds import Landscape, Policy

PRESETS = load_presets(Path(__file__).parents[3] / "config" / "presets.toml")
HOSTILE = "<script>alert('x')</script> & \"co\""


def page(pauses=(), group="support", lengths=None):
    calibration = calibrate(
        run_id="r1",
        chosen_at=datetime(2026, 11, 21, tzinfo=UTC),
        outcomes=[RecordingOutcome("a", "o", group, 3)],
        gaps=pd.DataFrame({"recording_id": ["a"], "options_hash": ["o"], "gap_ms": [700]}),
        presets=PRESETS,
        speech_model="u3-rt-pro",
    )
    return Page(
        run_id="r1",
        chosen_at=calibration.chosen_at,
        speech_model="u3-rt-pro",
        summary="1 of 1 analysed",
        overall=calibration.overall,
        groups=calibration.groups,
        notes=(),
        lengths=lengths,
        landscape=None,
        comparison=None,
        pauses=pauses,
    )


def shown(clip=None, name="call.wav", said=HOSTILE):
    pause = DecidingPause(
        "a", "o", "support", "A", 61_500, 900, is_complete=False, effect=Effect.SPARED
    )
    return ShownPause(pause, name, Spoken(said, "and so on"), clip)


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_a_run_without_a_replay_has_a_page_too():
    html = render_page(page())
    assert "Average gap of 700ms indicates" in html
    assert "No replay was run." in html


def test_what_was_said_and_how_things_are_called_stays_text():
    html = render_page(page([shown(name=HOSTILE)], group=HOSTILE))
    assert "script" not in {tag for tag, _ in Tags(html).found}
    assert "&lt;script&gt;" in html


def test_a_note_shows_commands_as_such_and_all_else_as_text():
    text = render_page(replace(page(), notes=(f"`fermata doctor` of {HOSTILE}",)))
    assert "<code>fermata doctor</code> of &lt;script&gt;" in text
    assert "<script>" not in text


def test_a_pause_is_told_with_its_place_its_words_and_its_sound():
    html = render_page(page([shown(Clip(b"ID3", 3.0, 6.9), said="my number is")]))
    assert "1:01" in html
    assert "my number is" in html
    (audio,) = [attributes for tag, attributes in Tags(html).found if tag == "audio"]
    assert audio["src"] == "data:audio/mpeg;base64,SUQz"


def test_a_pause_whose_audio_is_gone_says_so():
    html = render_page(page([shown()]))
    assert "no audio at hand" in html


def test_the_page_forbids_itself_the_network():
    (policy,) = [
        attributes["content"]
        for tag, attributes in Tags(render_page(page())).found
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none'")


def test_plots_are_drawn_of_few_lengths_and_of_none_of_a_kind():
    few = Lengths(np.array([300]), np.zeros(0, np.int64), np.array([500, 900]))
    drawn = lengths_plot(few, [("present", Policy(100, 1_000))])
    assert drawn.startswith("<svg")
    assert "pauses in mid-sentence (1)" in drawn
    assert "pauses after a sentence" not in drawn


def test_two_names_of_one_setting_stand_at_one_point():
    cost = np.array([[1_000.0, 1_500.0], [np.nan, 2_000.0]])
    plane = Landscape(np.array([100, 400]), np.array([400, 1_000]), *[cost / 1e4] * 3, cost, cost)
    drawn = plane_plot(plane, [("present", Policy(100, 400)), ("best", Policy(100, 400))])
    assert "present, best" in drawn


@pytest.mark.parametrize("length_ms", [100, 9_999])
def test_the_shortest_and_the_longest_pause_fall_into_the_plot(length_ms):
    one = Lengths(np.array([length_ms]), np.array([length_ms]), np.array([length_ms]))
    assert lengths_plot(one, []).startswith("<svg")
