"""A live session for the Prefect UI: its table and its transcript as markdown."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from fermata.live.events import Hole, HoleReason
from fermata.live.report import ChannelReport, SessionReport
from fermata.live.turns import HeardTurn, TurnState
from fermata.report.cells import block, cell, code
from fermata.report.voices import clock_time, voice_name

# An artifact is read on a page; the table `streamed_turns` holds all of them.
_MOST_TURNS = 2_000

HOLE_REASONS: Mapping[HoleReason, str] = {
    HoleReason.DROPPED: "lost before it could be sent",
    HoleReason.UNCONFIRMED: "the service did not answer for it, words may be missing",
    HoleReason.UNSENT: "not sent any more",
}
"""Why a piece of the source has no reliable transcript, for people."""

Answers = Mapping[tuple[int, int], str]


def session_table(report: SessionReport) -> list[dict[str, Any]]:
    """One row per channel, and one for all where there are several.

    Figures: seconds, milliseconds (medians), counts. `≈` marks billed seconds that were
    measured here because the service didn't say.
    """
    rows = [_row(each.name, (each,), each.error) for each in report.channels]
    if len(rows) == 1:
        return rows
    return [*rows, _row("all", report.channels, report.error)]


def transcript_markdown(
    report: SessionReport,
    answers: Answers,
    *,
    session: str,
    summary: str | None = None,
    notes: Sequence[str] = (),
) -> str:
    """Who said what and when, with the answers of a language model and the holes.

    Args:
        report: What the session came to.
        answers: By channel and order of the turn.
        session: Its name.
        summary: What a language model made of the whole session.
        notes: What a reader must know, one line each.
    """
    lines = (
        *_head(report, session, notes),
        *(("### Summary", "", block(summary).strip(), "") if summary else ()),
        *("### Transcript", ""),
        *_transcript(report, answers),
    )
    return "\n".join(lines) + "\n"


def wordless_markdown(
    report: SessionReport, *, session: str, where: str, notes: Sequence[str] = ()
) -> str:
    """What a session came to, and where its words are, without any of them.

    Args:
        report: What the session came to.
        session: Its name.
        where: The address of its folder.
        notes: What a reader must know, one line each.
    """
    words = f"Kept out of this page, as callers' words belong to few: {code(where)}"
    return "\n".join((*_head(report, session, notes), "### Transcript", "", words)) + "\n"


def _row(name: str, channels: Sequence[ChannelReport], error: str | None) -> dict[str, Any]:
    billed = f"{sum(each.billed_s for each in channels):.1f}"
    estimated = any(each.billed_is_estimated for each in channels)
    return {
        "channel": name,
        "turns": sum(len(each.turns) for each in channels),
        "sessions": sum(len(each.sessions) for each in channels),
        "reconnections": sum(each.reconnections for each in channels),
        "billed s": f"≈ {billed}" if estimated else billed,
        "first partial ms": _median(
            x for each in channels for x in each.first_partial_latencies_ms
        ),
        "final ms": _median(x for each in channels for x in each.final_latencies_ms),
        "dropped frames": sum(each.dropped_frames for each in channels),
        "holes": sum(len(each.holes) for each in channels),
        "lost s": f"{sum(each.lost_ms for each in channels) / 1000:.1f}",
        "answers": sum(each.answers for each in channels),
        "notices": sum(len(each.notices) for each in channels),
        "error": error or "",
    }


def _median(values: Iterable[float]) -> int | str:
    found = list(values)
    return round(median(found)) if found else ""


def _head(report: SessionReport, session: str, notes: Sequence[str]) -> Iterator[str]:
    yield from (f"## Session {cell(session)}", "", _overview(report), "")
    if report.error:
        yield from (f"> **Error:** {cell(report.error)}", "")
    for channel in report.channels:
        yield from (f"> {cell(each.text)}\n" for each in channel.notices)
    yield from (f"> {cell(note)}\n" for note in notes)


def _overview(report: SessionReport) -> str:
    about = "about " if report.billed_is_estimated else ""
    stopped = ", stopped before its end" if report.interrupted else ""
    stopped += ", its end not confirmed by the service" if report.unconfirmed else ""
    return (
        f"{cell(report.source)} through {report.provider}: {report.captured_s:,.1f} s of audio, "
        f"{about}{report.billed_s:,.1f} s billed{stopped}"
    )


def _transcript(report: SessionReport, answers: Answers) -> Iterator[str]:
    things = sorted(_things(report), key=lambda each: (each[0], each[1]))
    if not things:
        yield "_Nothing was said._"
    names = [channel.name for channel in report.channels]
    for _, channel, thing in things[:_MOST_TURNS]:
        if isinstance(thing, Hole):
            yield f"- {_hole(names[channel], thing)}"
        else:
            yield from _turn(names, thing, answers.get((channel, thing.order)))
    if len(things) > _MOST_TURNS:
        yield f"- … and {len(things) - _MOST_TURNS:,} more in the table streamed_turns"


def _things(report: SessionReport) -> Iterator[tuple[float, int, HeardTurn | Hole]]:
    for index, channel in enumerate(report.channels):
        for turn in channel.turns:
            yield turn.start_ms or 0.0, index, turn
        for hole in channel.holes:
            yield hole.start_ms, index, hole


def _turn(names: Sequence[str], turn: HeardTurn, answer: str | None) -> Iterator[str]:
    for segment in turn.segments:
        voice = cell(voice_name(names, turn.channel, segment.speaker))
        yield f"- `{clock_time(segment.start_ms)}` **{voice}:** {cell(segment.text)}"
    if turn.state is not TurnState.FINAL:
        yield "    _not heard to its end_"
    if answer:
        yield from (f"    > {line}" for line in map(cell, answer.strip().splitlines()))


def _hole(name: str, hole: Hole) -> str:
    span = f"{clock_time(hole.start_ms)} to {clock_time(hole.end_ms)}"
    return (
        f"`{clock_time(hole.start_ms)}` _{cell(name)}: hole, {span}: {HOLE_REASONS[hole.reason]}_"
    )
