"""What a run over recordings came to, as a person reads it."""

import sys

from rich.text import Text

from fermata.cli.consoles import Terminal
from fermata.report.result import CalibrationResult
from fermata.report.terminal import render_result

_WIDTH_IN_FILES = 120


def print_result(result: CalibrationResult, ui_url: str) -> None:
    """Prints a run's result as a person reads it."""
    to_a_person = sys.stdout.isatty()
    console = Terminal(width=None if to_a_person else _WIDTH_IN_FILES)
    console.print(render_result(result), soft_wrap=True)
    if result.publishing:
        console.print(Text(f"{'in force':<13} {result.publishing.summary}"), soft_wrap=True)
    console.print(f"{'run':<13} {ui_url}/runs/flow-run/{result.calibration.run_id}", soft_wrap=True)
