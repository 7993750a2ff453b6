"""The newest choice in the names and units of another stack."""

import difflib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.text import Text

from config.scopes import chosen_scope
from config.wiring import presets, storage
from fermata.calibration import ChosenBy, LatestChoice, read_latest
from fermata.cli.consoles import Terminal
from fermata.errors import UsageError
from fermata.export import (
    Change,
    Export,
    Form,
    SettingFate,
    Stack,
    changes_to,
    fitting_form,
    outdated_names,
    read_present,
    recommendation_of,
)
from fermata.export import export as export_choice
from fermata.migration import Fate
from fermata.quoting import steers_nothing
from fermata.report.fitting import FittingTable

_STYLES = {Fate.MAPPED: "green", Fate.CHANGED: "yellow", Fate.UNSUPPORTED: "red"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """A person's present file beside the recommendation.

    Attributes:
        form: the form that the file has.
        changes: what the recommendation sets to another value.
        diff: the same as a unified diff, without lines around.
        merged: the file's text with the changes made.
        warnings: lines on what in the file stands in the way.
    """

    form: str
    changes: tuple[Change, ...]
    diff: str
    merged: str
    warnings: tuple[str, ...]


def export(
    stack: Stack, *, group: str | None, scope: str, diff: Path | None, as_json: bool
) -> None:
    """Prints the newest choice, or a person's file with it.

    Args:
        stack: where it is to go.
        group: whose choice; None for that of all recordings.
        scope: in which scope; empty for that of the settings.
        diff: a person's present settings.
        as_json: as one JSON object.
    """
    choice = _newest_choice(group, scope)
    exported = export_choice(recommendation_of(choice), stack)
    comparison = _compare(exported, diff) if diff else None
    if as_json:
        sys.stdout.write(steers_nothing(_object(choice, exported, comparison)) + "\n")
        return
    shown = [form for form in exported.forms if comparison is None or form.name == comparison.form]
    pasteable = comparison.merged if comparison else "\n\n".join(_pasteable(shown))
    # First: whoever looks at both, as in `2>&1 | head`, came for it.
    sys.stdout.write(f"{pasteable}\n")
    sys.stdout.flush()
    console = Terminal(stderr=True)
    _explain(choice, exported, shown, console)
    if comparison:
        _explain_changes(comparison, console)


def _newest_choice(group: str | None, scope: str) -> LatestChoice:
    chosen = chosen_scope(scope)
    latest = read_latest(storage(), chosen)
    if latest is None:
        where = f"for {chosen.name} " if chosen.name else ""
        raise UsageError(
            f"no settings are in force {where}yet: run `fermata calibrate RECORDINGS` first, or "
            "`fermata publish RUN`"
        )
    return latest.for_group(group) if group else latest.overall


def _compare(exported: Export, file: Path) -> Comparison:
    present = read_present(_read(file), _outermost_names(exported))
    form = fitting_form(exported, present.settings)
    changes = changes_to(present.settings, form.settings)
    merged = present.with_changes(changes)
    lines = difflib.unified_diff(
        present.pieces(()),
        present.pieces(changes),
        str(file),
        "recommended",
        # No lines around: they might hold a key.
        n=0,
        lineterm="",
    )
    warnings = outdated_names(form, present.settings)
    return Comparison(form.name, changes, "\n".join(lines), merged, warnings)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except UnicodeDecodeError:
        reason = "it is no UTF-8 text"
    raise UsageError(f"{file} cannot be read: {reason}")


def _outermost_names(exported: Export) -> frozenset[str]:
    """The settings that a query string or a `.env` file can hold."""
    if exported.stack not in {Stack.ASSEMBLYAI, Stack.DEEPGRAM}:
        return frozenset()
    return frozenset(name for form in exported.forms for name in form.settings)


def _object(choice: LatestChoice, exported: Export, comparison: Comparison | None) -> str:
    content: dict[str, object] = {
        "stack": exported.stack,
        "group": choice.group,
        "run_id": choice.run_id,
        "chosen_at": choice.chosen_at.isoformat(),
        "chosen_by": choice.chosen_by,
        "forms": [
            {
                "name": form.name,
                "title": form.title,
                "settings": form.settings,
                "text": form.text,
                "fates": [asdict(fate) for fate in form.fates],
            }
            for form in exported.forms
        ],
        "notes": [*exported.notes, *_model_notes(choice, exported)],
    }
    if comparison is not None:
        content["comparison"] = asdict(comparison)
    return json.dumps(content, indent=2, ensure_ascii=False)


def _model_notes(choice: LatestChoice, exported: Export) -> Iterator[str]:
    # A pair that was replayed by the model's own rule means what it says.
    learned = choice.chosen_by is ChosenBy.REPLAY
    note = None if learned else presets().note_for(choice.speech_model)
    if note and any(
        each.setting == "speech_model" for form in exported.forms for each in form.fates
    ):
        yield note


def _pasteable(forms: list[Form]) -> Iterator[str]:
    """The texts; each under a line that says what it is, unless there is only one."""
    for form in forms:
        yield form.text if len(forms) == 1 else f"# {form.title}\n{form.text}"


def _explain(choice: LatestChoice, exported: Export, forms: list[Form], console: Console) -> None:
    whose = "all recordings" if choice.group == "*" else f"the group {choice.group}"
    console.print(
        Text(
            f"From the calibration of {whose} at {choice.chosen_at:%Y-%m-%d %H:%M}, chosen by "
            f"{choice.chosen_by}."
        ),
        soft_wrap=True,
    )
    for fates, alike in groupby(forms, lambda form: form.fates):
        console.print(_table("; ".join(form.title for form in alike), fates), crop=False)
    for note in (*exported.notes, *_model_notes(choice, exported)):
        console.print(Text(f"Note: {note}"), soft_wrap=True)


def _table(title: str, fates: Iterable[SettingFate]) -> FittingTable:
    columns = ("setting", "fate", "becomes", "note")
    return FittingTable(f"\n{title}", columns, [_cells(each) for each in fates])


def _cells(each: SettingFate) -> list[Text]:
    setting = each.setting if each.value is None else f"{each.setting} = {each.value}"
    becomes = "" if each.target is None else f"{each.target} = {each.sent}"
    fate = Text(each.fate, style=_STYLES.get(each.fate, ""))
    return [Text(setting), fate, Text(becomes), Text(each.note)]


def _explain_changes(comparison: Comparison, console: Console) -> None:
    for warning in comparison.warnings:
        console.print(Text(f"Warning: {warning}", style="yellow"), soft_wrap=True)
    if not comparison.changes:
        console.print("Nothing to change: your file holds the recommended values.")
    for change in comparison.changes:
        old = "not set" if change.old is None else json.dumps(change.old)
        console.print(Text(f"{change.place}: {old} → {json.dumps(change.new)}"), soft_wrap=True)
    console.print(Text(comparison.diff), soft_wrap=True)
