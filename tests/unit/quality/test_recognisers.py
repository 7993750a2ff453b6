"""Evidence of several recognisers is compared before it is pooled."""

import pytest
from quality_calls import facts, finding

from fermata.quality import GateVerdict


def calls(count, first=0, pauses=180, **changes):
    """Calls with some more and some fewer pauses, as calls have."""
    return [
        facts(
            f"r{first + i:03}",
            pauses_from_200_ms=round(pauses * (0.8, 1.0, 1.2)[i % 3]),
            pauses_from_500_ms=0,
            pauses_from_1000_ms=0,
            **changes,
        )
        for i in range(count)
    ]


def test_one_recogniser_passes_and_is_named():
    found = finding("recognisers", calls(3))
    assert found.verdict is GateVerdict.PASS
    assert found.saw == "all 3 calls by assemblyai universal options options"


@pytest.mark.parametrize(
    "other", [{"engine": "local"}, {"speech_model": None}, {"options_hash": "others"}]
)
def test_engine_model_and_options_each_make_another_recogniser(other):
    found = finding("recognisers", calls(5) + calls(5, first=5, pauses=90, **other))
    assert found.verdict is GateVerdict.REFUSE
    assert "2 recognisers" in found.saw
    assert "1.99 times as many pauses per minute" in found.saw


def test_the_same_calls_prove_a_difference_at_once():
    found = finding("recognisers", calls(1) + calls(1, pauses=90, options_hash="others"))
    assert found.verdict is GateVerdict.REFUSE
    assert "on the 1 calls of both" in found.saw
    assert "reprocess" in found.do


def test_a_small_difference_on_the_same_calls_is_a_warning():
    found = finding("recognisers", calls(9) + calls(9, pauses=150, options_hash="others"))
    assert found.verdict is GateVerdict.WARN


def test_recognisers_alike_on_the_same_calls_pass():
    found = finding("recognisers", calls(9) + calls(9, pauses=177, options_hash="others"))
    assert found.verdict is GateVerdict.PASS
    assert found.do == "nothing"


def test_a_few_different_calls_prove_nothing():
    found = finding("recognisers", calls(2) + calls(2, first=5, pauses=170, engine="local"))
    assert found.verdict is GateVerdict.WARN
    assert "same recordings" in found.do


def test_many_different_calls_prove_that_recognisers_are_alike():
    found = finding("recognisers", calls(300) + calls(300, first=300, engine="local"))
    assert found.verdict is GateVerdict.PASS


def test_a_handful_of_other_calls_is_no_reason_to_refuse_all():
    found = finding("recognisers", calls(60) + calls(3, pauses=60, options_hash="others"))
    assert found.verdict is GateVerdict.WARN


def test_calls_too_short_to_compare_are_said():
    brief = [facts("r1", speech_ms=9_000), facts("r2", speech_ms=9_000, engine="local")]
    found = finding("recognisers", brief)
    assert found.verdict is GateVerdict.WARN
    assert "too little speech" in found.saw


def test_no_calls_say_nothing():
    assert finding("recognisers", []).verdict is GateVerdict.NOT_MEASURED
