"""Shares with their intervals, what is kept of them, and what is assumed without them."""

import json
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path

import pytest

from fermata.punctuation import (
    DamagedPunctuationError,
    Measurement,
    Punctuation,
    assumptions_for,
    compare,
    keep_measurement,
    measuring_parameters,
    read_punctuation,
)
from fermata.punctuation.comparison import Tally
from fermata.punctuation.defaults import COMPLETE_READ_AS_OPEN, OPEN_READ_AS_COMPLETE
from fermata.punctuation.estimate import measured_share
from fermata.punctuation.heard import HeardChannel, HeardWord
from fermata.punctuation.kept import PUNCTUATION_PATH
from fermata.punctuation.silences import batch_silences
from fermata.storage import Storage
from fermata.turntaking.shapes import read_transcript

CALLS = Path(__file__).parents[3].parent / "shared" / "data" / "earnings21"


def measurement(model="u3-rt-pro", provider="assemblyai", complete=(100, 4), open_=(80, 2)):
    return Measurement(
        speech_model=model,
        provider=provider,
        complete_read_as_open=measured_share([Tally(*complete)]),
        open_read_as_complete=measured_share([Tally(*open_)]),
        left_out={},
        recordings=1,
        batch_models=("universal-2",),
        billed_minutes=3.5,
        measured_at=datetime(2026, 11, 20, tzinfo=UTC),
        parameters=measuring_parameters("u3-rt-pro"),
    )


def test_without_silences_nothing_is_known():
    found = measured_share([Tally(), Tally()])
    assert (found.share, found.low, found.high) == (None, 0.0, 1.0)


def test_one_call_has_the_interval_of_wilson():
    found = measured_share([Tally(100, 10), Tally()])
    assert (found.low, found.high) == pytest.approx((0.0552, 0.1744), abs=1e-4)


def test_no_mistake_in_a_few_silences_is_no_proof_that_there_never_is_one():
    found = measured_share([Tally(10, 0)] * 3)
    assert found.share == 0
    assert found.high == pytest.approx(0.1135, abs=1e-3)


def test_calls_that_differ_widen_the_interval():
    alike = measured_share([Tally(50, 10)] * 8)
    apart = measured_share([Tally(50, 20), Tally(50, 0)] * 4)
    assert alike.share == apart.share
    assert apart.high - apart.low > 1.5 * (alike.high - alike.low)


def test_the_newest_measurement_of_each_model_is_kept(tmp_path):
    storage = Storage(str(tmp_path))
    assert read_punctuation(storage) == Punctuation()
    keep_measurement(storage, measurement(complete=(10, 1)))
    keep_measurement(storage, measurement("universal-streaming-english"))
    newest = measurement(complete=(20, 1))
    keep_measurement(storage, newest)
    kept = read_punctuation(storage).models
    assert set(kept) == {"u3-rt-pro", "universal-streaming-english"}
    assert kept["u3-rt-pro"] == newest


def test_what_cannot_be_read_back_is_named(tmp_path):
    storage = Storage(str(tmp_path))
    storage.write_atomically(PUNCTUATION_PATH, b'{"models": {"u3-rt-pro": 1}}')
    with pytest.raises(DamagedPunctuationError, match="measure again"):
        read_punctuation(storage)


def test_a_measured_model_is_assumed_to_be_as_measured():
    assumed, source = assumptions_for("u3-rt-pro", Punctuation(models={"u3-rt-pro": measurement()}))
    assert assumed.complete_read_as_open == pytest.approx(0.04)
    assert assumed.open_read_as_complete == pytest.approx(0.025)
    assert assumed.detection_delay_ms == 120
    assert "measured on 100 silences" in source
    assert "2026-11-20" in source


@pytest.mark.parametrize(
    ("model", "delay_ms"),
    [("u3-rt-pro", 120), ("universal-3-5-pro", 290), ("universal-streaming-english", 0)],
)
def test_an_unmeasured_model_gets_the_documented_defaults_and_they_say_so(model, delay_ms):
    assumed, source = assumptions_for(model, Punctuation())
    assert assumed.complete_read_as_open == COMPLETE_READ_AS_OPEN
    assert assumed.open_read_as_complete == OPEN_READ_AS_COMPLETE
    assert assumed.detection_delay_ms == delay_ms
    assert source.count("until `fermata measure-punctuation` was run") == 1


def test_a_share_of_a_few_silences_is_not_used():
    few = Punctuation(models={"u3-rt-pro": measurement(open_=(29, 0))})
    assumed, source = assumptions_for("u3-rt-pro", few)
    assert assumed.complete_read_as_open == pytest.approx(0.04)
    assert assumed.open_read_as_complete == OPEN_READ_AS_COMPLETE
    assert "only 29 silences" in source


def test_what_this_machine_hears_never_stands_for_the_vendor(tmp_path):
    storage = Storage(str(tmp_path))
    keep_measurement(storage, measurement(provider="local"))
    assumed, _ = assumptions_for("u3-rt-pro", read_punctuation(storage))
    assert assumed.complete_read_as_open == COMPLETE_READ_AS_OPEN


@pytest.mark.skipif(
    not CALLS.is_dir(), reason="the development conversations are not on this machine"
)
def test_the_defaults_are_how_recognisers_disagree_on_real_calls():
    found = [
        compare(batch_silences(mine, 1), [_as_if_streamed(other)], measuring_parameters("u3-pro"))
        for call in ("4341191", "4344866")
        for mine, other in permutations(_transcripts(call), 2)
    ]
    missed = measured_share([each.complete for each in found])
    false = measured_share([each.open for each in found])
    assert missed.share == pytest.approx(0.290, abs=0.001)
    assert false.share == pytest.approx(0.219, abs=0.001)
    # Rounded to 5 points.
    assert round(missed.share * 20) / 20 == COMPLETE_READ_AS_OPEN
    assert round(false.share * 20) / 20 == OPEN_READ_AS_COMPLETE


def _transcripts(call):
    others = sorted((CALLS / "other-recognisers").glob(f"{call}.*.json"))
    return [json.loads(path.read_text()) for path in (CALLS / f"{call}.json", *others)]


def _as_if_streamed(transcript):
    words = read_transcript(transcript).words
    heard = (HeardWord(word.text, word.end_ms, ends_turn=word.ends_sentence) for word in words)
    return HeardChannel(tuple(sorted(heard, key=lambda word: word.end_ms)), (), 1e9)
