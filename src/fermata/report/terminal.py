"""The end of a run as a person reads it in the terminal: rich tables and the guide's lines."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from fermata.calibration import GroupCalibration
from fermata.report import replayed
from fermata.report.fitting import FittingTable, Words
from fermata.report.headline import headline
from fermata.report.result import CalibrationResult, RecordingResult
from fermata.tables import RecordingStatus

_STATUS_STYLES = {
    RecordingStatus.ANALYSED: "green",
    RecordingStatus.NO_GAPS: "yellow",
    RecordingStatus.TOO_FEW_UTTERANCES: "yellow",
    RecordingStatus.FAILED: "red",
    RecordingStatus.IN_DOUBT: "yellow",
}
# A terminal's screen; all of them are in the table `recordings` anyway.
_MOST_RECORDINGS = 40


def render_result(result: CalibrationResult) -> RenderableType:
    """Everything that is shown at the end of a run, from the recordings to the files written."""
    calibration = result.calibration
    return Group(
        _recordings_table(result),
        _groups_table((*calibration.groups, calibration.overall)),
        *_replay_tables((*calibration.groups, calibration.overall)),
        *map(Words, _guide_lines(calibration.overall)),
        *(Words(Text(f"Note: {note}", style="yellow")) for note in result.notes),
        "",
        *(Words(Text(f"{label:<13} {where}")) for label, where in result.written.items()),
    )


def _recordings_table(result: CalibrationResult) -> FittingTable:
    shown = _worth_showing(result.recordings)
    hidden = len(result.recordings) - len(shown)
    caption = f"and {hidden:,} more in the table recordings" if hidden else None
    return FittingTable(
        title=f"Recordings: {result.summary}",
        columns=("recording", "status", "utterances", "gaps", "average", "median"),
        # As text: rich would take brackets in a name for markup.
        rows=[[Text(each.name), *_recording_cells(each)] for each in shown],
        numbers=frozenset({2, 3, 4, 5}),
        caption=caption,
    )


def _worth_showing(recordings: tuple[RecordingResult, ...]) -> tuple[RecordingResult, ...]:
    # What went wrong comes first into a table that cannot hold everything.
    if len(recordings) <= _MOST_RECORDINGS:
        return recordings
    wrong_first = sorted(recordings, key=lambda each: each.status is RecordingStatus.ANALYSED)
    return tuple(wrong_first[:_MOST_RECORDINGS])


def _recording_cells(each: RecordingResult) -> Iterator[Text]:
    status = f"same as {each.duplicate_of}" if each.duplicate_of else each.status
    text = f"{status}: {each.reason}" if each.reason else status
    yield Text(text, style=_STATUS_STYLES[each.status])
    if each.statistics is None:
        yield from map(Text, (str(each.total_utterances), "0", "", ""))
    else:
        yield Text(str(each.total_utterances))
        yield Text(str(each.statistics.total_gaps))
        yield Text(f"{each.statistics.average_gap_ms:,.0f}")
        yield Text(f"{each.statistics.median_gap_ms:,.0f}")


def _groups_table(groups: tuple[GroupCalibration, ...]) -> FittingTable:
    figures = ("analysed", "gaps", "average", "median", "p90", "longest")
    return FittingTable(
        title="\nGaps between utterances in ms, and the preset chosen",
        columns=("group", *figures, "chosen"),
        rows=[
            [Text(replayed.shown_name(group.group)), *map(Text, _group_cells(group))]
            for group in groups
        ],
        numbers=frozenset({1, 2, 3, 4, 5, 6}),
        bold_last=True,
    )


def _group_cells(group: GroupCalibration) -> Iterator[str]:
    yield f"{group.recordings_analysed}/{group.recordings_found}"
    yield f"{group.total_gaps:,}"
    gaps = group.statistics
    if gaps is None:
        yield from ("", "", "", "")
    else:
        figures = (gaps.average_gap_ms, gaps.median_gap_ms, gaps.p90_gap_ms, gaps.max_gap_ms)
        yield from (f"{figure:,.0f}" for figure in figures)
    choice = group.choice
    yield f"{choice.title} {choice.min_turn_silence_ms}/{choice.max_turn_silence_ms}"


def _replay_tables(groups: tuple[GroupCalibration, ...]) -> Iterator[RenderableType]:
    rows = list(replayed.rows(groups))
    if not rows:
        return
    yield FittingTable(
        title="\nReplay: what the present setting does to callers, and the best one",
        columns=replayed.COLUMNS,
        rows=[[Text(cell) for cell in row] for row in rows],
    )
    yield ""
    for line in replayed.lines(groups[-1]):
        yield Words(Text(line))
    yield ""


def _guide_lines(overall: GroupCalibration) -> Iterator[Text]:
    gaps, choice = overall.statistics, overall.choice
    if gaps is not None:
        average_s = gaps.average_gap_ms / 1000
        yield Text(f"Overall average gap: {gaps.average_gap_ms:,.0f} ms ({average_s:.2f} seconds)")
        yield Text(f"Average of file averages: {overall.average_of_file_averages_ms:,.0f} ms")
    if overall.variability is not None:
        ratio, label = overall.variability_ratio, overall.variability
        yield Text(f"Variability ratio: {ratio:.2f}x, {label} variability - {label.meaning}")
    yield Text(f"Selected configuration: {headline(overall)}", style="bold")
    if reason := replayed.guides_reason(overall):
        yield Text(f"  {reason}")
    yield Text(f"  min_turn_silence: {choice.min_turn_silence_ms} ms")
    yield Text(f"  max_turn_silence: {choice.max_turn_silence_ms} ms")
    if choice.use_cases:
        yield Text(f"  Recommended use cases: {choice.use_cases}")
