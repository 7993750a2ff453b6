"""Rows of live sessions, as their tables hold them."""

from datetime import datetime

from fermata.storage import Storage
from fermata.tables import (
    STREAMED_TURNS,
    STREAMED_WORDS,
    StreamedTurn,
    StreamedWord,
    streamed_turns_frame,
    streamed_words_frame,
    write_batch,
)


def write_heard(
    storage: Storage, session: str, said: str, began: datetime, source: str = "a.wav"
) -> None:
    """Writes a session of one turn with one word into both tables."""
    turn = StreamedTurn(
        session=session, channel=0, turn_order=0, channel_name="a", session_id=f"id of {session}",
        source=source, provider="assemblyai", started_at=began, state="final", text=said, words=1,
        is_formatted=True, parameters="{}", channel_dropped_frames=0, channel_dropped_ms=0.0,
        channel_reconnections=0, speaker=None, language=None, start_ms=0, end_ms=9,
        first_partial_latency_ms=None, final_latency_ms=None, session_billed_s=None,
        session_billed_is_estimated=None, llm_answer=None, speech_model=None, group=None,
        preset=None, min_turn_silence_ms=None, max_turn_silence_ms=None, run_id=None,
    )  # fmt: skip
    word = StreamedWord(
        session=session, channel=0, turn_order=0, word_index=0, text=said, start_ms=0, end_ms=9,
        is_final=True, confidence=None, speaker=None, group=None,
    )  # fmt: skip
    write_batch(storage, STREAMED_TURNS, session, streamed_turns_frame([turn]))
    write_batch(storage, STREAMED_WORDS, session, streamed_words_frame([word]))
