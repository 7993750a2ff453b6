"""A Gladia session configuration turned into AssemblyAI's."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from fermata.cli.consoles import Terminal
from fermata.errors import UsageError
from fermata.migration import Fate, Migration
from fermata.migration import migrate as migrate_configuration
from fermata.quoting import steers_nothing
from fermata.report.fitting import FittingTable

_STYLES = {
    Fate.MAPPED: "green",
    Fate.CHANGED: "yellow",
    Fate.MOVED: "yellow",
    Fate.UNSUPPORTED: "red",
    Fate.INVALID: "red",
    Fate.UNKNOWN: "red",
}


def migrate(file: Path, speech_model: str | None, *, as_json: bool) -> None:
    """Prints the parameters and each field's fate.

    Args:
        file: the body of POST /v2/live as JSON.
        speech_model: AssemblyAI's streaming model; None for the one that the languages need.
        as_json: as one JSON object.
    """
    migration = migrate_configuration(_read(file), speech_model)
    if as_json:
        _write_json(asdict(migration))
        return
    _explain(migration, Terminal(stderr=True))
    _write_json(migration.parameters)


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except ValueError as error:
        reason = f"it is no JSON ({error})"
    raise UsageError(f"{file} cannot be read: {reason}")


def _write_json(value: object) -> None:
    sys.stdout.write(steers_nothing(json.dumps(value, indent=2, ensure_ascii=False)) + "\n")


def _explain(migration: Migration, console: Console) -> None:
    rows = []
    for each in migration.fates:
        fate = Text(each.fate, style=_STYLES.get(each.fate, ""))
        field = f"{each.field} = {json.dumps(each.value, ensure_ascii=False)}"
        rows.append([Text(field), fate, Text(each.target or ""), Text(each.note)])
    table = FittingTable("", ("Gladia", "fate", "AssemblyAI", "note"), rows)
    console.print(table, crop=False)
    for note in migration.notes:
        console.print(Text(f"Note: {note}"), soft_wrap=True)
    if migration.sessions > 1:
        console.print(f"Sessions: {migration.sessions}, one for each channel, each billed.")
    for what, prompt in (
        ("Ask about each turn (--llm-prompt)", migration.turn_prompt),
        ("Ask about the whole session", migration.session_prompt),
    ):
        if prompt:
            console.print(Text(f"{what}: {prompt}"), soft_wrap=True)
