"""Summaries of sessions of every length."""

from dataclasses import dataclass

import pytest
from gateway_peer import GatewayPeer, answer, no_access
from hypothesis import given
from hypothesis import strategies as st

from fermata.assemblyai.gateway import GatewayClient, summarise
from fermata.assemblyai.gateway.summary import excerpt_of
from fermata.errors import UsageError


@dataclass(frozen=True)
class Said:
    speaker: str | None
    text: str


def ask(peer, turns, **more):
    return summarise(GatewayClient(peer.url, "some-key"), turns, **({"model": "first"} | more))


def asked(peer):
    return peer.requests[-1][2]["messages"][0]["content"]


def test_a_summary_rests_on_every_turn_with_its_speaker():
    turns = [Said("A", "Hello."), Said(None, "Hi,\nthere."), Said("B", " ")]
    with GatewayPeer(answer("They greet.")) as peer:
        summary = ask(peer, turns, prompt="What happened?")
    assert asked(peer) == "What happened?\n\nTranscript:\nA: Hello.\nHi, there."
    assert (summary.text, summary.turns_used, summary.notes) == ("They greet.", 2, ())


def test_a_session_without_a_word_needs_no_summary_and_no_request():
    with GatewayPeer() as peer:
        assert ask(peer, [Said("A", " ")]) is None
    assert peer.requests == []


def test_a_long_session_loses_whole_turns_from_its_middle_and_says_so():
    turns = [Said("A", f"This is turn {index}.") for index in range(1000)]
    with GatewayPeer(answer("Many turns.")) as peer:
        summary = ask(peer, turns, max_characters=2000)
    transcript = asked(peer).split("Transcript:\n")[1]
    assert len(transcript) <= 2000
    assert transcript.startswith("A: This is turn 0.\n")
    assert transcript.endswith("\nA: This is turn 999.")
    assert f"[{summary.turns_left_out} turns left out here]" in transcript
    assert summary.turns_used + summary.turns_left_out == 1000
    assert f"{summary.turns_used} of 1000 turns" in summary.notes[0]


def test_a_summary_that_reached_max_tokens_says_so():
    choices = [{"message": {"content": "They"}, "finish_reason": "length"}]
    with GatewayPeer(answer("", choices=choices)) as peer:
        assert "max_tokens" in ask(peer, [Said("A", "Hello.")]).notes[0]


def test_a_summary_tells_which_model_wrote_it():
    with GatewayPeer(no_access(), answer("ok")) as peer:
        summary = ask(peer, [Said("A", "Hello.")], fallback_models=["second"])
    assert (summary.model, summary.failures[0].model) == ("second", "first")


def test_a_bound_too_small_for_any_turn_is_refused():
    with GatewayPeer() as peer, pytest.raises(UsageError, match="10 characters"):
        ask(peer, [Said("A", "Much longer than that.")], max_characters=10)


lines = st.lists(st.text(st.characters(codec="ascii", exclude_characters="\n"), max_size=30))


@given(lines.filter(bool), st.integers(min_value=70, max_value=400))
def test_an_excerpt_keeps_its_bound_and_holds_whole_lines_from_both_ends(said, bound):
    excerpt = excerpt_of(said, bound)
    assert len(excerpt.text) <= bound
    assert excerpt.turns_used + excerpt.turns_left_out == len(said)
    kept = excerpt.text.split("\n")
    if not excerpt.turns_left_out:
        assert kept == said
        return
    gap = kept.index(f"[{excerpt.turns_left_out} turns left out here]")
    assert kept[:gap] == said[:gap]
    ending = kept[gap + 1 :]
    assert ending == said[len(said) - len(ending) :]
