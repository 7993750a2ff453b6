"""`fermata report`: what the command takes."""

from typing import Annotated

from cyclopts import Parameter


def report(*, open_page: Annotated[bool, Parameter(name="--open", negative=())] = False) -> int:
    """Tell where the newest run's report is: one HTML file, which needs nothing else.

    Args:
        open_page: Open it in the browser.
    """
    from fermata.cli.work.report import report as work  # noqa: PLC0415 - see work

    return work(open_page=open_page)
