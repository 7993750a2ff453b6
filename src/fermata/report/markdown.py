"""The summary of a run as markdown, for the Prefect UI."""

from collections.abc import Iterator

from fermata.calibration import GroupCalibration
from fermata.report import replayed
from fermata.report.cells import cell, code
from fermata.report.headline import headline
from fermata.report.histogram import Bin, histogram_lines
from fermata.report.result import CalibrationResult, RecordingResult
from fermata.tables import RecordingStatus

# An artifact is read on a page; the table `recordings` holds all of them.
_MOST_FAILURES = 50
_WITHOUT_RESULT = (RecordingStatus.FAILED, RecordingStatus.IN_DOUBT)


def summary_markdown(
    result: CalibrationResult, bins: tuple[Bin, ...], opening: str | None = None
) -> str:
    """The choice, the figures of each group, the histogram of gaps, what failed, the files.

    Args:
        result: the run.
        bins: the positive gaps it rests on, counted by length.
        opening: how the report is opened, in markdown.
    """
    return "\n".join(_lines(result, bins, opening)) + "\n"


def _lines(result: CalibrationResult, bins: tuple[Bin, ...], opening: str | None) -> Iterator[str]:
    calibration = result.calibration
    yield f"## {headline(calibration.overall)}"
    if reason := replayed.guides_reason(calibration.overall):
        yield from ("", f"{reason}.")
    yield from ("", f"**{result.summary}**", "")
    if opening:
        yield from (opening, "")
    yield from (f"> {cell(note)}\n" for note in result.notes)
    yield from _groups((*calibration.groups, calibration.overall))
    yield from _replay((*calibration.groups, calibration.overall))
    yield from ("", "### Gaps between utterances", "", "```text")
    yield from histogram_lines(bins)
    yield from ("```", "")
    yield from _failures(result)
    yield from ("### Written", "")
    yield from (f"- {label}: {code(where)}" for label, where in result.written.items())


def _groups(groups: tuple[GroupCalibration, ...]) -> Iterator[str]:
    yield "| group | analysed | gaps | average ms | median ms | p90 ms | preset | min / max ms |"
    yield "|---|--:|--:|--:|--:|--:|---|--:|"
    for group in groups:
        name = "**all**" if group is groups[-1] else cell(group.group)
        analysed = f"{group.recordings_analysed}/{group.recordings_found}"
        cells = [name, analysed, f"{group.total_gaps:,}", *_figures(group), group.choice.title]
        pair = f"{group.choice.min_turn_silence_ms} / {group.choice.max_turn_silence_ms}"
        yield f"| {' | '.join([*cells, pair])} |"


def _replay(groups: tuple[GroupCalibration, ...]) -> Iterator[str]:
    rows = [row for group in groups for row in _replay_rows(group)]
    if not rows:
        return
    yield from ("", "### Replay: what the settings do to callers", "")
    yield "| group | replay | setting | cut-ins | mid-sentence | mean wait |"
    yield "|---|---|---|--:|--:|--:|"
    yield from (f"| {' | '.join(map(cell, row))} |" for row in rows)
    yield ""
    yield from (f"- {cell(line)}" for line in replayed.lines(groups[-1]))


def _replay_rows(group: GroupCalibration) -> Iterator[tuple[str, ...]]:
    # Few and short: the UI has room for some seventy letters.
    if group.replayed is None:
        return
    advice = group.replayed.advice
    head = (replayed.shown_name(group.group), replayed.verdict(advice))
    judged = [*replayed.judged(advice)]
    for name, each in judged:
        rates = (each.cut_in_rate, each.mid_sentence_rate)
        yield (
            *head,
            f"{name} {replayed.pair(each.policy)}",
            *(replayed.percent(rate.value) for rate in rates),
            f"{each.mean_wait_ms.value:,.0f} ms",
        )
        head = ("", "")
    if not judged:
        yield (*head, "", "", "", "")


def _figures(group: GroupCalibration) -> list[str]:
    gaps = group.statistics
    if gaps is None:
        return ["", "", ""]
    return [f"{each:,.0f}" for each in (gaps.average_gap_ms, gaps.median_gap_ms, gaps.p90_gap_ms)]


def _failures(result: CalibrationResult) -> Iterator[str]:
    """Every file without figures of its own: first what failed, then what has none to give."""
    found = [each for each in result.recordings if _is_left_out(each)]
    if not found:
        return
    found.sort(key=lambda each: (each.duplicate_of is not None, each.status not in _WITHOUT_RESULT))
    heading = f"### Not analysed: {len(found):,} of {len(result.recordings):,} files"
    yield from (heading, "", "| file | why | transcript |", "|---|---|---|")
    for each in found[:_MOST_FAILURES]:
        yield f"| {cell(each.name)} | {cell(_why(each))} | {cell(each.transcript_id or '')} |"
    if len(found) > _MOST_FAILURES:
        yield f"| … and {len(found) - _MOST_FAILURES:,} more | see the table `recordings` | |"
    yield ""


def _is_left_out(each: RecordingResult) -> bool:
    return each.duplicate_of is not None or each.status is not RecordingStatus.ANALYSED


def _why(each: RecordingResult) -> str:
    if each.duplicate_of:
        return f"the same content as {each.duplicate_of}"
    return each.reason or each.status.replace("_", " ")
