"""A channel's session: what is sent, and what is heard."""

import pytest

from fermata.live.events import (
    Began,
    Ended,
    Hole,
    HoleReason,
    LlmAnswer,
    SpeechStarted,
)
from fermata.live.turns import HeardTurn, TurnState
from tests.unit.live.rig import KEY, RATE_HZ, ChannelRig, frames, samples
from tests.unit.live.scripted_server import ScriptedServer, normal, turn, word

pytestmark = pytest.mark.timeout(200)


def test_a_channel_is_sent_whole_and_its_turns_come_back():
    audio = samples(RATE_HZ)
    with ScriptedServer(normal) as server:
        rig = ChannelRig(server)
        report = rig.run(audio)
        assert server.all_closed()
    session = server.sessions[0]
    assert bytes(session.audio) == audio.tobytes()
    assert session.terminated
    assert [each.text for each in report.turns] == ["good morning"]
    assert report.turns[0].state is TurnState.FINAL
    assert report.error is None
    assert isinstance(rig.heard[0], Began)
    assert isinstance(rig.heard[-1], Ended)


def test_the_key_goes_into_the_header_and_nowhere_else():
    with ScriptedServer(normal) as server:
        ChannelRig(server).run(samples(RATE_HZ))
    session = server.sessions[0]
    assert session.headers["authorization"] == KEY
    assert KEY not in session.socket.request.path
    assert session.query["speech_model"] == "u3-rt-pro"
    assert session.query["inactivity_timeout"] == "30"
    assert session.query["sample_rate"] == str(RATE_HZ)


def test_a_short_last_frame_is_filled_up_with_silence_to_50_ms():
    audio = samples(2 * 400 + 7)
    with ScriptedServer(normal) as server:
        ChannelRig(server).run(audio)
    session = server.sessions[0]
    assert set(session.frame_sizes) == {800}
    assert bytes(session.audio) == audio.tobytes() + bytes(2 * 393)


def test_billed_seconds_are_the_services_own():
    with ScriptedServer(normal) as server:
        report = ChannelRig(server).run(samples(RATE_HZ))
    assert report.billed_s == 2
    assert not report.billed_is_estimated
    assert report.sessions[0].audio_s == 1
    assert report.sessions[0].sent_s == 1.0


@pytest.mark.parametrize(
    "messages",
    [
        [turn(0, "good morning", final=False), turn(0, "Good morning.", formatted=True)],
        [turn(0, "good morning"), turn(0, "Good morning.", formatted=True)],
        [turn(0, "good", final=False, formatted=True), turn(0, "Good morning.", formatted=True)],
        [turn(0, "Good morning.", formatted=True), turn(0, "good morning")],
        [turn(0, "Good morning.", formatted=True), turn(0, "good", final=False)],
        [turn(0, "Good morning.", formatted=True), turn(1, "")],
        [turn(0, "Good morning.", formatted=True), turn(0, "", words=[])],
    ],
    ids=[
        "once",
        "raw-then-formatted",
        "all-formatted",
        "late-raw",
        "late-partial",
        "empty-final",
        "empty-final-of-the-same-turn",
    ],
)
def test_a_turn_ends_up_formatted_however_the_service_formats(messages):
    async def script(session):
        await session.begin()
        for message in messages:
            await session.send(message)
        await session.listen()
        await session.terminate()

    with ScriptedServer(script) as server:
        report = ChannelRig(server).run(samples(RATE_HZ))
    assert [(each.text, each.state) for each in report.turns] == [
        ("Good morning.", TurnState.FINAL)
    ]


def test_what_comes_between_terminate_and_termination_is_heard():
    async def script(session):
        await session.begin()
        await session.listen()
        await session.turn(0, "the very last words")
        await session.terminate()

    with ScriptedServer(script) as server:
        report = ChannelRig(server).run(samples(RATE_HZ))
    assert report.turns[0].text == "the very last words"


def test_speakers_split_a_turn_and_are_revised_later():
    words = [
        word("hello", 0, 100, speaker="A"),
        word("yes", 100, 200, speaker="UNKNOWN"),
        word("there", 200, 300, speaker="B"),
    ]
    revised = [word(w["text"], w["start"], w["end"], speaker="B") for w in words]

    async def script(session):
        await session.begin()
        await session.turn(0, "hello yes there", words=words, speaker_label="A")
        await session.listen()
        item = {"turn_order": 0, "speaker_label": "B", "words": revised}
        await session.send({"type": "SpeakerRevision", "revisions": [item]})
        await session.terminate()

    with ScriptedServer(script) as server:
        rig = ChannelRig(server, speaker_labels=True)
        report = rig.run(samples(RATE_HZ))
    first, second = rig.events(HeardTurn)
    assert [(part.speaker, part.text) for part in first.segments] == [
        ("A", "hello"),
        (None, "yes"),
        ("B", "there"),
    ]
    assert [(part.speaker, part.text) for part in second.segments] == [("B", "hello yes there")]
    assert report.turns == (second,)


def test_unknown_types_and_heartbeats_are_let_pass():
    async def script(session):
        await session.begin()
        await session.send({"type": "Weather", "sunny": True})
        await session.send({"type": "Silence", "start_ms": 0, "end_ms": 10})
        await session.send({"type": "SpeechStarted", "timestamp": 50})
        await normal_rest(session)

    async def normal_rest(session):
        await session.listen(100)
        await session.turn(0, "still here")
        await session.listen()
        await session.terminate()

    with ScriptedServer(script) as server:
        rig = ChannelRig(server)
        report = rig.run(samples(RATE_HZ))
    assert [each.text for each in report.turns] == ["still here"]
    assert rig.events(SpeechStarted) == [SpeechStarted(50)]
    assert len(report.sessions) == 1


def test_dropped_frames_leave_a_hole_and_times_stay_those_of_the_source():
    audio = samples(RATE_HZ)
    kept = [frame for frame in frames(audio) if not 2000 <= frame.start_sample < 4000]

    async def script(session):
        await session.begin()
        await session.listen()
        await session.turn(0, "before after", ms=(150, 350))
        await session.terminate()

    with ScriptedServer(script) as server:
        rig = ChannelRig(server)
        for frame in kept:
            rig.buffer.push(frame)
        rig.buffer.close()
        rig.session.start()
        report = rig.end()
    assert report.holes == (Hole(250, 500, HoleReason.DROPPED),)
    before, after = report.turns[0].words
    assert (before.start_ms, before.end_ms) == (150, 250)
    assert (after.start_ms, after.end_ms) == (500, 600)


def test_a_configuration_that_is_not_the_asked_one_is_pointed_out():
    async def script(session):
        await session.begin(model="universal-3-6-pro", speaker_labels=False, mode=None)
        await session.listen()
        await session.terminate()

    with ScriptedServer(script) as server:
        report = ChannelRig(server).run(samples(RATE_HZ))
    assert [notice.text for notice in report.notices] == [
        "speech_model was to be u3-rt-pro, the service uses universal-3-6-pro"
    ]


GATEWAY = {
    "model": "small",
    "messages": [{"role": "user", "content": "Sum up: {{turn}}"}],
    "max_tokens": 50,
}


def test_answers_of_a_language_model_are_matched_to_their_turns():
    async def script(session):
        await session.begin()
        await session.turn(0, "one")
        await session.turn(1, "two")
        data = {"choices": [{"message": {"role": "assistant", "content": "An answer."}}]}
        for order in (1, 0):
            await session.send(
                {"type": "LLMGatewayResponse", "turn_order": order, "transcript": "", "data": data}
            )
        await session.listen()
        await session.terminate()

    with ScriptedServer(script) as server:
        rig = ChannelRig(server, llm_gateway=GATEWAY)
        report = rig.run(samples(RATE_HZ))
    assert [(each.turn_order, each.text) for each in rig.events(LlmAnswer)] == [
        (1, "An answer."),
        (0, "An answer."),
    ]
    assert (report.answers_due, report.answers) == (2, 2)
    assert report.notices == ()


def test_a_language_model_that_never_answers_is_pointed_out_once():
    async def script(session):
        await session.begin()
        await session.turn(0, "one")
        await session.turn(1, "two")
        await session.listen()
        await session.terminate()

    with ScriptedServer(script) as server:
        rig = ChannelRig(server, llm_gateway=GATEWAY)
        report = rig.run(samples(RATE_HZ))
    assert rig.notices() == ["llm_silent"]
    assert (report.answers_due, report.answers) == (2, 0)


def test_answers_that_are_missing_at_the_end_are_pointed_out_as_well():
    async def script(session):
        await session.begin()
        await session.turn(0, "one")
        await session.turn(1, "two")
        data = {"choices": [{"message": {"role": "assistant", "content": "An answer."}}]}
        answered = {"turn_order": 1, "transcript": "", "data": data}
        await session.send({"type": "LLMGatewayResponse", **answered})
        await session.listen()
        await session.terminate()

    with ScriptedServer(script) as server:
        rig = ChannelRig(server, llm_gateway=GATEWAY)
        report = rig.run(samples(RATE_HZ))
    (notice,) = report.notices
    assert notice.code == "llm_silent"
    assert notice.text.startswith("1 of 2 final turns got no answer")
    assert (report.answers_due, report.answers) == (2, 1)
