"""What was published when, by whom, and what of it is in force."""

from collections.abc import Iterable
from itertools import groupby

from rich import box
from rich.table import Table
from rich.text import Text

from config.wiring import storage
from fermata.calibration import Publication, runs_in_force
from fermata.calibration import history as read_history
from fermata.cli.consoles import Terminal
from fermata.cli.printing import print_object
from fermata.recordings import ALL_GROUPS


def history(*, as_json: bool) -> None:
    """Prints the publications, newest first.

    Args:
        as_json: as one JSON object.
    """
    publications = read_history(storage())[::-1]
    force = runs_in_force(storage())
    if as_json:
        print_object(
            {
                "in_force": force,
                "publications": [
                    each.model_dump(mode="json", exclude={"earlier_runs"}) for each in publications
                ],
            }
        )
        return
    console = Terminal()
    if not publications:
        console.print("Nothing was published yet: run `fermata calibrate RECORDINGS` first.")
        return
    console.print(_table(publications, force))


def _table(publications: Iterable[Publication], force: dict[str, str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("published", "run"):
        # A run's id is there to be copied.
        table.add_column(column, no_wrap=True)
    table.add_column("groups, and how it came", overflow="fold")
    counting: dict[str, str] = dict(force)
    for each in publications:
        for run, groups in _by_run(each):
            in_force = [name for name in groups if counting.get(name) == run]
            for name in in_force:
                # Only the newest record that names it is the one in force.
                del counting[name]
            shown = ", ".join(f"{_whose(name)}{' ●' * (name in in_force)}" for name in groups)
            how = Text(f"{shown}\n{each.by}: {each.reason}")
            table.add_row(f"{each.published_at:%Y-%m-%d %H:%M}", run, how)
    table.caption = "● in force"
    return table


def _by_run(publication: Publication) -> Iterable[tuple[str, list[str]]]:
    pairs = sorted((run, name) for name, run in publication.runs.items())
    for run, found in groupby(pairs, key=lambda pair: pair[0]):
        yield run, [name for _, name in found]


def _whose(group: str) -> str:
    return "all recordings" if group == ALL_GROUPS else group
