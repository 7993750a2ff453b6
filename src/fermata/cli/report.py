"""`fermata report`: what the command takes."""

from typing import Annotated

from cyclopts import Parameter


def report(
    run: str = "", *, open_page: Annotated[bool, Parameter(name="--open", negative=())] = False
) -> int:
    """Tell where a run's report is: one HTML file, which needs nothing else.

    Args:
        run: The run's id, or how it begins; without, the newest run that has a report.
        open_page: Open it in the browser.
    """
    from fermata.cli.work.report import report as work  # noqa: PLC0415 - see work

    return work(run, open_page=open_page)
