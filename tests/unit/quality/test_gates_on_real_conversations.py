"""What the gates say of real conversations."""

import pytest
from quality_calls import conversations_of, facts_from, finding, harper_valley, with_data

from fermata.quality import GateVerdict, examine

pytestmark = with_data


def facts_of_set(name, **changes):
    return [facts_from(each, key, **changes) for key, each in conversations_of(name).items()]


def test_a_set_in_which_short_pauses_were_never_marked_is_refused():
    found = finding("short-pauses", facts_of_set("ami-only-words"))
    assert found.verdict is GateVerdict.REFUSE
    assert "unit: segment" in found.saw


def test_such_a_set_on_one_clock_passes_for_its_clock():
    calls = facts_of_set("voxconverse")
    found = finding("short-pauses", calls)
    assert found.verdict is GateVerdict.REFUSE
    assert "unit: segment" in found.saw
    assert finding("clocks", calls).verdict is GateVerdict.PASS


@pytest.mark.parametrize(
    ("name", "short_pauses", "clocks"),
    [
        ("spjallromur", GateVerdict.PASS, GateVerdict.WARN),
        ("earnings21", GateVerdict.PASS, None),
        ("rhapsodie", GateVerdict.PASS, GateVerdict.PASS),
        ("naija-nsc", GateVerdict.PASS, GateVerdict.PASS),
        ("ifadv", GateVerdict.WARN, GateVerdict.PASS),
    ],
)
def test_real_conversations_have_their_short_pauses_are_mostly_talk_and_tell_speakers_apart(
    name, short_pauses, clocks
):
    found = {each.gate: each for each in examine(facts_of_set(name), None)}
    assert found["speakers"].verdict is GateVerdict.PASS
    assert found["lapses"].verdict is GateVerdict.PASS
    assert found["short-pauses"].verdict is short_pauses
    assert clocks is None or found["clocks"].verdict is clocks
    if name == "ifadv":
        assert "in pieces (chunk), not in words" in found["short-pauses"].saw
    # Channels that drift apart in some conversations.
    if name == "spjallromur":
        assert "in 18 of 28 calls" in found["clocks"].saw


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


def test_the_same_calls_by_recognisers_that_differ_are_refused_or_warned_about():
    calls = list(calls_by_three_recognisers())
    found = finding("recognisers", calls)
    assert found.verdict is GateVerdict.REFUSE
    assert "speechmatics" in found.saw
    assert "2.45 times as many pauses" in found.saw
    assert "amazon" in found.saw

    nearer = finding("recognisers", [each for each in calls if each.speech_model != "amazon"])
    assert nearer.verdict is GateVerdict.WARN
    assert "1.24 times" in nearer.saw
