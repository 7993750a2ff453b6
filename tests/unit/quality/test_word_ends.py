"""Word ends are held against the sound, on recordings whose borders are known."""

import json
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from quality_calls import DATA, PROJECT, facts, finding, with_data

from fermata.audio import NotAudioError
from fermata.quality import (
    GateVerdict,
    WordEnds,
    WordEndSample,
    choose_for_listening,
    measure_word_ends,
    word_ends_of,
)
from fermata.quality.listening import path_of
from fermata.storage import NotStoredError, Storage
from fermata.turntaking import Conversation, Word
from fermata.turntaking.shapes import read_rttm
from tests.listening import listen_to

RECORDINGS = PROJECT / "tests" / "recordings"
PLANNED = {each["name"]: each for each in json.loads((RECORDINGS / "planned.json").read_text())}


def as_planned(name):
    said = PLANNED[name]["utterances"]
    return Conversation.of(Word(u["speaker"], u["start_ms"], u["end_ms"], u["text"]) for u in said)


def as_transcribed(path):
    channels = listen_to(path).channels
    return Conversation.of(
        Word(str(number), word.start_ms, word.end_ms, word.text)
        for number, words in enumerate(channels)
        for word in words
    )


def ending_later(conversation, by_ms):
    return Conversation.of(
        replace(word, end_ms=max(word.start_ms, word.end_ms + by_ms)) for word in conversation.words
    )


def heard(conversation, path):
    return word_ends_of(conversation, path, path.name, "options")


def sample_of_planned(by_ms):
    measured = [
        heard(ending_later(as_planned(name), by_ms), RECORDINGS / name) for name in sorted(PLANNED)
    ]
    return WordEndSample(tuple(measured), 0)


@pytest.mark.parametrize(
    ("by_ms", "verdict"),
    [
        (0, GateVerdict.PASS),
        (80, GateVerdict.PASS),
        (200, GateVerdict.WARN),
        (-200, GateVerdict.WARN),
        (-320, GateVerdict.REFUSE),
    ],
)
def test_word_ends_are_judged_by_their_shift_from_the_true_ones(by_ms, verdict):
    found = finding("word-ends", [facts()], sample_of_planned(by_ms))
    assert found.verdict is verdict
    side = "before" if by_ms < 0 else "later than"
    assert f"words end {abs(by_ms)} ms {side} the speech does" in found.saw


def test_a_shift_of_a_recognisers_word_ends_is_found():
    path = RECORDINGS / "ivr" / "lost_parcel.wav"
    for by_ms in (-200, 0, 200):
        found = heard(ending_later(as_transcribed(path), by_ms), path)
        assert len(found.differences_ms) == 4
        assert np.median(found.differences_ms) == pytest.approx(by_ms, abs=15)


@with_data
def test_a_shift_is_found_in_real_speech():
    path = DATA / "audio" / "katiesteve.wav"
    for by_ms in (0, 200):
        found = heard(ending_later(as_transcribed(path), by_ms), path)
        assert len(found.differences_ms) >= 5
        assert np.median(found.differences_ms) == pytest.approx(by_ms, abs=15)


@with_data
def test_segments_without_pauses_stretch_over_the_silences_of_the_sound():
    (segments,) = read_rttm((DATA / "audio" / "ami-dev00.rttm").read_text()).values()
    found = heard(segments, DATA / "audio" / "ami-dev00.wav")
    assert found.unmatched > 5 * len(found.differences_ms)
    verdict = finding("word-ends", [facts()], WordEndSample((found, found), 0))
    assert verdict.verdict is GateVerdict.REFUSE
    assert "words stretch over 91.7 % of the sound's silences" in verdict.saw


def test_words_that_cover_everything_leave_no_counterpart():
    name = "support/slow_phone.wav"
    whole = Conversation.of([Word("A", 0, PLANNED[name]["duration_ms"], "all")])
    assert heard(whole, RECORDINGS / name).differences_ms == ()
    sample = WordEndSample(
        (
            WordEnds(
                recording_id="r",
                options_hash="o",
                differences_ms=(),
                unmatched=30,
                listened_ms=60_000,
            ),
        ),
        0,
    )
    found = finding("word-ends", [], sample)
    assert found.verdict is GateVerdict.REFUSE
    assert "no silence of the sound has a counterpart" in found.saw


def test_no_words_are_compared_with_nothing():
    found = heard(Conversation.of([]), RECORDINGS / "ivr" / "bank_balance.wav")
    assert (found.differences_ms, found.unmatched) == ((), 0)


def test_what_is_no_audio_is_said():
    with pytest.raises(NotAudioError):
        heard(Conversation.of([]), RECORDINGS / "planned.json")


@pytest.mark.parametrize("sample", [None, WordEndSample((), 3)])
def test_without_audio_nothing_is_measured(sample):
    found = finding("word-ends", [facts()], sample)
    assert found.verdict is GateVerdict.NOT_MEASURED
    assert "audio" in found.saw


def test_the_shift_tells_how_thresholds_move():
    late = WordEnds(
        recording_id="r",
        options_hash="o",
        differences_ms=(150,) * 30,
        unmatched=0,
        listened_ms=60_000,
    )
    found = finding("word-ends", [], WordEndSample((late,), 0))
    assert "pauses look 150 ms shorter than they are: add as much to each threshold" in found.do


def test_the_sample_stays_the_same_from_run_to_run():
    calls = [facts(f"{number:02}") for number in range(30)]
    chosen = choose_for_listening(reversed(calls), at_most=5)
    assert [each.recording_id for each in chosen] == ["00", "01", "02", "03", "04"]


class Listening:
    """Bundled recordings as calls, and how often their audio was opened."""

    def __init__(self):
        self.opened = 0
        self.calls = tuple(facts(name.replace("/", "-"), uri=name) for name in sorted(PLANNED))

    @contextmanager
    def open_audio(self, call):
        self.opened += 1
        with (RECORDINGS / call.uri).open("rb") as file:
            yield file

    def measure(self, storage):
        return measure_word_ends(
            self.calls, storage, lambda call: as_planned(call.uri), self.open_audio
        )


def test_what_was_measured_is_kept_and_not_heard_again(tmp_path):
    listening, storage = Listening(), Storage(str(tmp_path))
    first = listening.measure(storage)
    assert listening.opened == len(PLANNED)
    assert listening.measure(storage) == first
    assert listening.opened == len(PLANNED)


def test_a_damaged_result_is_measured_again(tmp_path, caplog):
    listening, storage = Listening(), Storage(str(tmp_path))
    first = listening.measure(storage)
    path = path_of(listening.calls[0].recording_id, "options")
    storage.write_atomically(path, b"{")
    assert listening.measure(storage) == first
    assert listening.opened == len(PLANNED) + 1
    assert "cannot be read" in caplog.text


def test_audio_that_is_gone_is_counted(tmp_path):
    gone = facts("gone", uri="ivr/no_such.wav")
    listening = Listening()
    listening.calls = (gone,)
    found = measure_word_ends(
        listening.calls,
        Storage(str(tmp_path)),
        lambda _: as_planned("ivr/bank_balance.wav"),
        listening.open_audio,
    )
    assert found == WordEndSample((), 1)


def test_words_that_are_gone_are_counted(tmp_path):
    def gone(call):
        raise NotStoredError(f"{call.name} is not there")

    listening = Listening()
    found = measure_word_ends(
        listening.calls[:1], Storage(str(tmp_path)), gone, listening.open_audio
    )
    assert found.not_at_hand == 1
    assert listening.opened == 0
