"""From a session at its end to the rows of its tables."""

import json
from collections.abc import Iterator

from fermata.live.report import ChannelReport
from fermata.live.turns import HeardTurn
from fermata.sessions.kept import KeptSession
from fermata.tables import StreamedTurn, StreamedWord


def turn_rows(kept: KeptSession) -> Iterator[StreamedTurn]:
    """One row per turn."""
    for channel in kept.report.channels:
        for turn in channel.turns:
            yield _turn_row(kept, channel, turn)


def word_rows(kept: KeptSession) -> Iterator[StreamedWord]:
    """One row per word."""
    for channel in kept.report.channels:
        for turn in channel.turns:
            yield from _word_rows(kept, turn)


def _turn_row(kept: KeptSession, channel: ChannelReport, turn: HeardTurn) -> StreamedTurn:
    plan = kept.plan
    own = next((each for each in channel.sessions if each.session_id == turn.session_id), None)
    return StreamedTurn(
        session=kept.session,
        channel=turn.channel,
        turn_order=turn.order,
        channel_name=channel.name,
        session_id=turn.session_id,
        source=plan.source,
        provider=plan.provider,
        started_at=kept.started_at,
        state=turn.state.value,
        text=turn.text,
        words=len(turn.words),
        is_formatted=turn.is_formatted,
        parameters=json.dumps(plan.as_json()["parameters"], ensure_ascii=False, sort_keys=True),
        session_billed_s=own.billed_s if own else None,
        session_billed_is_estimated=own.billed_is_estimated if own else None,
        channel_dropped_frames=channel.dropped_frames,
        channel_dropped_ms=channel.dropped_ms,
        channel_reconnections=channel.reconnections,
        speaker=turn.speaker,
        language=turn.language,
        start_ms=_whole(turn.start_ms),
        end_ms=_whole(turn.end_ms),
        first_partial_latency_ms=turn.first_partial_latency_ms,
        final_latency_ms=turn.final_latency_ms,
        llm_answer=kept.answers.get((turn.channel, turn.order)),
        speech_model=plan.speech_model,
        group=plan.group,
        preset=plan.preset,
        min_turn_silence_ms=plan.min_turn_silence_ms,
        max_turn_silence_ms=plan.max_turn_silence_ms,
        run_id=plan.run_id,
    )


def _word_rows(kept: KeptSession, turn: HeardTurn) -> Iterator[StreamedWord]:
    for index, word in enumerate(turn.words):
        yield StreamedWord(
            session=kept.session,
            channel=turn.channel,
            turn_order=turn.order,
            word_index=index,
            text=word.text,
            start_ms=round(word.start_ms),
            end_ms=round(word.end_ms),
            is_final=word.is_final,
            confidence=word.confidence,
            speaker=word.speaker,
            group=kept.plan.group,
        )


def _whole(milliseconds: float | None) -> int | None:
    return None if milliseconds is None else round(milliseconds)
