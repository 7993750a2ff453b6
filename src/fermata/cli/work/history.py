"""What was published when, by whom and why, what it changed, and what of it is in force."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from config.wiring import storage
from fermata.calibration import (
    Publication,
    Published,
    Replacement,
    Scope,
    all_scopes,
    replaced,
    runs_in_force,
    scope_named,
    short_id,
)
from fermata.calibration import history as read_history
from fermata.cli.consoles import Terminal
from fermata.cli.printing import print_object
from fermata.quoting import quoted
from fermata.thresholds import ALL_GROUPS

_SETTINGS = (
    *("min_turn_silence_ms", "max_turn_silence_ms"),
    *("end_of_turn_confidence_threshold", "speech_model", "preset"),
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A publication with what it put in force in place of what."""

    scope: Scope
    publication: Publication
    steps: tuple[Replacement, ...]


def history(*, scope: str, as_json: bool) -> None:
    """Prints the publications, newest first.

    Args:
        scope: only those of this scope; empty for all.
        as_json: as one JSON object.
    """
    scopes = (scope_named(storage(), scope),) if scope else all_scopes(storage())
    entries = [entry for each in scopes for entry in _entries(each)]
    entries.sort(key=lambda entry: entry.publication.published_at, reverse=True)
    force = {each.folder: runs_in_force(storage(), each) for each in scopes}
    if as_json:
        print_object(_object(scopes, entries, force))
        return
    console = Terminal()
    if not entries:
        console.print("Nothing was published yet: run `fermata calibrate RECORDINGS` first.")
        return
    console.print(_table(entries, force, names_scopes=len({e.scope.folder for e in entries}) > 1))


def _entries(scope: Scope) -> Iterator[_Entry]:
    steps = replaced(storage(), scope)
    for publication in read_history(storage(), scope):
        own = [step for step in steps if step.after.publication == publication]
        own.sort(key=lambda step: (step.group != ALL_GROUPS, step.group))
        yield _Entry(scope, publication, tuple(own))


def _object(
    scopes: Sequence[Scope], entries: Iterable[_Entry], force: dict[str, dict[str, str]]
) -> dict[str, Any]:
    return {
        "scope": scopes[0].shown,
        "in_force": force[scopes[0].folder],
        "scopes": {each.shown: force[each.folder] for each in scopes},
        "publications": [
            {
                **entry.publication.model_dump(mode="json", exclude={"earlier_runs"}),
                "scope": entry.scope.shown,
                "settings": [
                    {
                        "group": step.group,
                        "run_id": step.after.row["run_id"],
                        "before": _settings(step.before),
                        "after": _settings(step.after),
                    }
                    for step in entry.steps
                ],
            }
            for entry in entries
        ],
    }


def _settings(published: Published | None) -> dict[str, Any] | None:
    return None if published is None else {name: published.row[name] for name in _SETTINGS}


def _table(
    entries: Iterable[_Entry], force: dict[str, dict[str, str]], *, names_scopes: bool
) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("published", "run"):
        # A run's id is there to be copied.
        table.add_column(column, no_wrap=True)
    table.add_column("settings, min/max in ms, and how they came", overflow="fold")
    counting = {folder: dict(runs) for folder, runs in force.items()}
    for entry in entries:
        lines = [_line(step, counting[entry.scope.folder]) for step in entry.steps]
        of_scope = f" ({quoted(entry.scope.shown)})" if names_scopes else ""
        how = f"{entry.publication.by}: {quoted(entry.publication.reason)}{of_scope}"
        when = f"{entry.publication.published_at:%Y-%m-%d %H:%M}"
        runs = dict.fromkeys(short_id(run) for run in entry.publication.runs.values())
        table.add_row(when, "\n".join(runs), Text("\n".join((*lines, how))))
    table.caption = "● in force; times in UTC"
    return table


def _line(step: Replacement, counting: dict[str, str]) -> str:
    """A group's settings before and after; a mark where they are in force still."""
    run = step.after.row["run_id"]
    is_in_force = counting.get(step.group) == run
    if is_in_force:
        # Only the newest record that names it is the one in force.
        del counting[step.group]
    whose = "all recordings" if step.group == ALL_GROUPS else quoted(step.group)
    before = f"{_pair(step.before)} → " if step.before else ""
    return f"{whose}: {before}{_pair(step.after)}{' ●' * is_in_force}"


def _pair(published: Published) -> str:
    row = published.row
    return f"{row['min_turn_silence_ms']}/{row['max_turn_silence_ms']}"
