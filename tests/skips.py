"""Counts what was skipped by its reason, as the last lines of a run: a skip is no pass."""

from collections import Counter
from collections.abc import Iterator

import pytest


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Says it after pytest's own summary, which lists each skip at its place."""
    yield
    skipped = terminalreporter.stats.get("skipped", [])
    for reason, count in Counter(map(_reason, skipped)).most_common():
        terminalreporter.write_line(f"skipped {count}: {reason}")


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why a test or a module was skipped."""
    match report.longrepr:
        case (_path, _line, str(text)):
            return text.removeprefix("Skipped: ")
        case other:
            return str(other)
