"""The helper `transcribe-chunk`, pressed in the UI by somebody who took it for any other."""

from tests.flows.conversations import Conversations
from tests.flows.running import FlowRunner, StartServer


def test_started_by_hand_it_fails_with_one_line_and_sends_nothing(
    conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    from flows.chunk import transcribe_chunk

    server = serve()
    state = transcribe_chunk("calls/2026-11", return_state=True)
    assert state.is_failed()
    assert state.message
    assert "run calibrate or nightly instead; nothing was sent" in state.message
    assert "\n" not in state.message
    assert server.store.submissions.total() == 0


def test_its_description_begins_with_who_runs_it() -> None:
    from flows.chunk import transcribe_chunk

    assert (transcribe_chunk.description or "").startswith("Not to be run by hand: other runs ")
