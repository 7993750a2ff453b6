"""Turns as they come over the wire, from a conversation that the server knows."""

import json

import pytest

from tests.unit.localserver_streaming.stream_client import (
    FRAME_BYTES,
    begin,
    finals,
    finish,
    noise,
    of,
    pcm,
    rest,
    say,
    send,
    session,
    spoken,
    transcribe,
    write_reference,
)

U3 = "u3-rt-pro"
US = "universal-streaming-english"
WHOLE = ["Good morning, everybody.", "I would like to have some tea.", "Sure."]


def transcripts(frames):
    return [frame["transcript"] for frame in finals(frames)]


def test_u3_rt_pro_ends_turns_by_punctuation_and_tells_of_pauses(server, talk):
    frames = transcribe(server, pcm(talk))
    assert [(one["type"], one.get("transcript")) for one in frames] == [
        ("SpeechStarted", None),
        ("Turn", WHOLE[0]),
        ("SpeechStarted", None),
        ("Turn", "I would like to—"),
        ("Turn", WHOLE[1]),
        ("SpeechStarted", None),
        ("Turn", WHOLE[2]),
        ("Termination", None),
    ]
    assert [one["timestamp"] for one in of(frames, "SpeechStarted")] == [500, 1600, 4500]
    partial = of(frames, "Turn")[1]
    assert not partial["turn_is_formatted"]
    assert partial["utterance"] == ""
    assert partial["end_of_turn_confidence"] == 0
    assert not any(word["word_is_final"] for word in partial["words"])
    for final in finals(frames):
        assert final["turn_is_formatted"]
        assert final["utterance"] == final["transcript"]
        assert final["end_of_turn_confidence"] == 1
        assert all(word["word_is_final"] for word in final["words"])
    assert [frame["turn_order"] for frame in of(frames, "Turn")] == [0, 1, 1, 2]


def test_words_have_the_times_of_the_reference(server, talk):
    first = finals(transcribe(server, pcm(talk)))[0]
    assert [(word["start"], word["end"]) for word in first["words"]] == [
        (500, 700),
        (700, 900),
        (900, 1100),
    ]


def test_a_long_silence_forces_the_end_of_a_turn(server, talk):
    assert transcripts(transcribe(server, pcm(talk), max_turn_silence=400)) == [
        WHOLE[0],
        "I would like to",
        "have some tea.",
        "Sure.",
    ]


def test_universal_streaming_tells_word_by_word_in_lower_case(server, talk):
    frames = of(transcribe(server, pcm(talk), speech_model=US), "Turn")
    first = [one for one in frames if one["turn_order"] == 0]
    assert [one["transcript"] for one in first] == [
        "",
        "good",
        "good",
        "good morning",
        "good morning",
        "good morning everybody",
        "good morning everybody",
    ]
    assert [[word["word_is_final"] for word in one["words"]] for one in first[:3]] == [
        [False],
        [True],
        [True, False],
    ]
    assert not any(one["turn_is_formatted"] for one in frames)
    assert first[-1]["utterance"] == "good morning everybody"


def test_universal_streaming_sends_an_empty_turn_at_the_very_end(server, talk):
    last = of(transcribe(server, pcm(talk), speech_model=US), "Turn")[-1]
    assert (last["transcript"], last["words"], last["end_of_turn"]) == ("", [], True)


def test_universal_streaming_tells_an_utterance_once(server, talk):
    frames = of(transcribe(server, pcm(talk), speech_model=US), "Turn")
    second = [one for one in frames if one["turn_order"] == 1]
    told = [(one["utterance"], one["end_of_turn"]) for one in second if one["utterance"]]
    assert told == [("i would like to", False), ("have some tea", True)]


def test_format_turns_marks_every_turn_and_ends_each_once(server, talk):
    frames = of(transcribe(server, pcm(talk), speech_model=US, format_turns=True), "Turn")
    assert all(one["turn_is_formatted"] for one in frames[:-1])
    assert transcripts(frames)[:-1] == WHOLE


def test_format_turns_can_end_each_turn_twice(start_server, known_talk, talk):
    server = start_server(references=known_talk, format_turns="two-messages")
    frames = of(transcribe(server, pcm(talk), speech_model=US, format_turns="True"), "Turn")
    ended = [(one["turn_order"], one["turn_is_formatted"]) for one in finals(frames)]
    assert ended[:4] == [(0, False), (0, True), (1, False), (1, True)]
    assert transcripts(frames)[:2] == ["good morning everybody", WHOLE[0]]


def test_newer_models_tell_words_amid_speech(server, talk):
    frames = transcribe(server, pcm(talk), speech_model="universal-3-6-pro", interruption_delay=0)
    first = of(frames, "Turn")[0]
    assert (first["transcript"], first["turn_is_formatted"]) == ("Good", True)
    assert transcripts(frames) == WHOLE
    silent = transcribe(
        server, pcm(talk), speech_model="universal-3-6-pro", continuous_partials="false"
    )
    assert of(silent, "Turn")[0]["transcript"] == WHOLE[0]


def test_a_mode_sets_the_silences(server, talk):
    patient = transcribe(server, pcm(talk), speech_model="universal-3-5-pro", mode="max_accuracy")
    assert transcripts(patient) == [f"{WHOLE[0]} {WHOLE[1]}", WHOLE[2]]


@pytest.mark.parametrize("frame_ms", [50, 100, 330, 1000])
def test_turns_do_not_depend_on_how_the_audio_is_cut(server, talk, frame_ms):
    with session(server) as connection:
        begin(connection)
        send(connection, pcm(talk), frame_ms * 32)
        assert transcripts(finish(connection)) == WHOLE


def test_speakers_are_named_in_the_order_in_which_they_are_heard(server, talk):
    frames = transcribe(server, pcm(talk), speaker_labels="true")
    assert [one["speaker_label"] for one in finals(frames)] == ["A", "B", "A"]
    assert [word["speaker"] for word in finals(frames)[1]["words"]] == ["B"] * 7
    partials = [one for one in of(frames, "Turn") if not one["end_of_turn"]]
    assert partials
    assert not any("speaker_label" in one for one in partials)
    assert not any("speaker" in word for one in partials for word in one["words"])


def test_there_are_no_more_speakers_than_asked_for(server, talk):
    frames = transcribe(server, pcm(talk), speaker_labels="true", max_speakers=1)
    assert {one["speaker_label"] for one in finals(frames)} == {"A"}


@pytest.mark.parametrize("placeholder", ["UNKNOWN", "PENDING"])
def test_short_turns_get_a_placeholder_that_is_corrected_at_the_end(
    start_server, known_talk, talk, placeholder
):
    server = start_server(references=known_talk, speaker_placeholder=placeholder)
    frames = transcribe(server, pcm(talk), speaker_labels="true")
    assert [one["speaker_label"] for one in finals(frames)] == [placeholder, "B", placeholder]
    assert [one["type"] for one in frames[-2:]] == ["SpeakerRevision", "Termination"]
    revisions = frames[-2]["revisions"]
    assert [(one["turn_order"], one["speaker_label"]) for one in revisions] == [(0, "A"), (2, "A")]
    assert {word["speaker"] for one in revisions for word in one["words"]} == {"A"}


def test_language_detection_names_the_language_of_final_turns(server, talk):
    frames = of(transcribe(server, pcm(talk), language_detection="TRUE"), "Turn")
    assert {frame.get("language_code") for frame in finals(frames)} == {"en"}
    assert not any("language_code" in frame for frame in frames if not frame["end_of_turn"])


def test_force_endpoint_ends_the_turn_at_once(server, talk):
    with session(server) as connection:
        begin(connection)
        send(connection, pcm(talk)[: FRAME_BYTES * 38])
        say(connection, "ForceEndpoint")
        send(connection, pcm(talk)[FRAME_BYTES * 38 :])
        ended = transcripts(finish(connection))
    assert ended == [WHOLE[0], "I would", "like to have some tea.", WHOLE[2]]


def test_an_update_changes_the_silences_amid_a_session(server, talk):
    with session(server) as connection:
        begin(connection)
        say(connection, "UpdateConfiguration", max_turn_silence=400, keyterms_prompt=[])
        send(connection, pcm(talk))
        assert len(finals(finish(connection))) == 4


def test_silence_is_told_about_once_a_second_if_asked(server, talk):
    frames = transcribe(server, pcm(talk), acknowledge_silence="true")
    told = [(one["start_ms"], one["end_ms"]) for one in of(frames, "Silence")]
    assert told == [(3500, 4500), (4700, 5700)]


def test_a_model_answers_each_turn(server, talk):
    question = {
        "model": "any-model",
        "messages": [{"role": "user", "content": "Summarise.\n\nTranscript: {{turn}}"}],
        "max_tokens": 100,
    }
    frames = transcribe(server, pcm(talk), llm_gateway=json.dumps(question))
    answers = of(frames, "LLMGatewayResponse")
    assert [(one["turn_order"], one["transcript"]) for one in answers] == list(enumerate(WHOLE))
    content = answers[1]["data"]["choices"][0]["message"]["content"]
    assert content == "7 words: “I would like to have some tea.”"


def test_a_model_without_access_is_silently_absent(start_server, known_talk, talk):
    server = start_server(references=known_talk, gateway_models=["another-model"])
    question = {"model": "m", "messages": [{"role": "user", "content": "{{turn}}"}]}
    frames = transcribe(server, pcm(talk), llm_gateway=json.dumps(question))
    assert len(finals(frames)) == 3
    assert {frame["type"] for frame in frames} == {"SpeechStarted", "Turn", "Termination"}


def test_a_session_that_begins_amid_a_recording_finds_its_place(server, talk):
    frames = transcribe(server, pcm(talk[:, 16_000 * 2 :]))
    assert transcripts(frames) == ["like to have some tea.", "Sure."]
    assert finals(frames)[1]["words"][0]["start"] == 4500 - 2000


def test_a_word_that_was_under_way_begins_with_the_session(start_server, tmp_path):
    audio = noise(2000, seed=9)
    write_reference(tmp_path / "references", audio, spoken("Good morning.", 500))
    server = start_server(references=tmp_path / "references")
    frames = transcribe(server, pcm(audio[:, 16 * 550 :]))
    assert transcripts(frames) == ["Good morning."]
    assert finals(frames)[0]["words"][0]["start"] == 0


def test_a_hole_in_the_audio_is_jumped_over(server, talk):
    audio = pcm(talk)
    frames = transcribe(server, audio[: FRAME_BYTES * 28] + audio[FRAME_BYTES * 80 :])
    assert transcripts(frames) == [WHOLE[0], "Sure."]
    assert finals(frames)[1]["words"][0]["start"] == 4500 - 52 * 50


def test_leading_silence_of_the_client_shifts_all_times(server, talk):
    frames = transcribe(server, bytes(FRAME_BYTES * 10) + pcm(talk))
    assert finals(frames)[0]["words"][0]["start"] == 1000


def test_each_channel_of_a_recording_has_its_own_words(start_server, tmp_path):
    audio = noise(2000, channels=2, seed=7)
    write_reference(
        tmp_path / "references",
        audio,
        spoken("Hello.", 200, channel="1", speaker="1"),
        spoken("Good evening.", 800, channel="2", speaker="2"),
    )
    server = start_server(references=tmp_path / "references")
    heard = [transcripts(transcribe(server, pcm(channel))) for channel in audio]
    assert heard == [["Hello."], ["Good evening."]]


def test_a_reference_without_marks_is_judged_by_its_last_words(start_server, tmp_path):
    audio = noise(3000, seed=8)
    words = [*spoken("see you at the", 200), *spoken("station", 1500)]
    write_reference(tmp_path / "references", audio, words)
    server = start_server(references=tmp_path / "references")
    frames = of(transcribe(server, pcm(audio)), "Turn")
    assert [one["transcript"] for one in frames] == ["See you at the—", "See you at the station."]


def test_the_wire_is_quiet_about_silence(server):
    with session(server) as connection:
        begin(connection)
        send(connection, bytes(FRAME_BYTES * 40))
        say(connection, "Terminate")
        assert [frame["type"] for frame in rest(connection)] == ["Termination"]
