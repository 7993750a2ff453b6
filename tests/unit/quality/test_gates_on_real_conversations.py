"""What the gates say of real conversations."""

import pytest
from quality_calls import conversations_of, facts_from, finding, harper_valley, with_data

from fermata.quality import GateVerdict

pytestmark = with_data


def facts_of_set(name, **changes):
    return [facts_from(each, key, **changes) for key, each in conversations_of(name).items()]


@pytest.mark.parametrize("name", ["ami-only-words", "voxconverse"])
def test_sets_in_which_short_pauses_were_never_marked_are_refused(name):
    found = finding("short-pauses", facts_of_set(name))
    assert found.verdict is GateVerdict.REFUSE
    assert "unit: segment" in found.saw


@pytest.mark.parametrize("name", ["spjallromur", "earnings21", "rhapsodie", "naija-nsc"])
def test_sets_with_word_times_have_their_short_pauses(name):
    assert finding("short-pauses", facts_of_set(name)).verdict is GateVerdict.PASS


def test_chunks_have_their_short_pauses_but_no_words():
    found = finding("short-pauses", facts_of_set("ifadv"))
    assert found.verdict is GateVerdict.WARN
    assert "in pieces (chunk), not in words" in found.saw


@pytest.mark.parametrize("name", ["spjallromur", "earnings21", "rhapsodie", "naija-nsc", "ifadv"])
def test_speakers_of_real_conversations_are_told_apart(name):
    assert finding("speakers", facts_of_set(name)).verdict is GateVerdict.PASS


@pytest.mark.parametrize("name", ["spjallromur", "earnings21", "rhapsodie", "naija-nsc", "ifadv"])
def test_real_conversations_are_mostly_talk(name):
    assert finding("lapses", facts_of_set(name)).verdict is GateVerdict.PASS


@pytest.mark.parametrize("name", ["rhapsodie", "naija-nsc", "ifadv", "voxconverse"])
def test_conversations_on_one_clock_pass(name):
    assert finding("clocks", facts_of_set(name)).verdict is GateVerdict.PASS


def test_channels_that_drift_apart_in_some_conversations_are_warned_about():
    found = finding("clocks", facts_of_set("spjallromur"))
    assert found.verdict is GateVerdict.WARN
    assert "in 18 of 28 calls" in found.saw


def test_a_call_read_on_each_channels_own_clock_is_refused():
    found = finding("clocks", [facts_from(harper_valley("start_ms"))])
    assert found.verdict is GateVerdict.REFUSE
    assert "by up to 2.0 s" in found.saw


def test_the_same_call_on_the_common_clock_passes():
    found = finding("clocks", [facts_from(harper_valley("offset_ms"))])
    assert found.verdict is GateVerdict.PASS


def calls_by_three_recognisers():
    first = conversations_of("earnings21")
    others = conversations_of("earnings21/other-recognisers")
    for call in ("4341191", "4344866"):
        yield facts_from(first[call], call, speech_model="speechmatics")
        for model in ("amazon", "google"):
            yield facts_from(others[f"{call}.{model}"], call, speech_model=model)


def test_the_same_calls_by_three_recognisers_are_seen_to_differ():
    found = finding("recognisers", list(calls_by_three_recognisers()))
    assert found.verdict is GateVerdict.REFUSE
    assert "speechmatics" in found.saw
    assert "2.45 times as many pauses" in found.saw
    assert "amazon" in found.saw


def test_two_recognisers_that_differ_by_a_quarter_are_warned_about():
    calls = [each for each in calls_by_three_recognisers() if each.speech_model != "amazon"]
    found = finding("recognisers", calls)
    assert found.verdict is GateVerdict.WARN
    assert "1.24 times" in found.saw
