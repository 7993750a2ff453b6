"""What is too old goes, and small table files are merged."""

import sys

from config.forgetting import places
from config.prefect_records import delete_artifact
from config.upkeep import delete_at_service, planned_tidying
from config.wiring import storage
from fermata.cli.printing import print_object
from fermata.forgetting import Forgotten, finish, unfinished
from fermata.upkeep import tidy as tidy_up

_EXIT_DONE = 0
_EXIT_WITH_PROBLEMS = 1


def tidy(*, dry_run: bool, as_json: bool) -> int:
    """Tidies and says what it did; returns the exit code.

    Args:
        dry_run: only say what would be done.
        as_json: say it as one JSON object on stdout.
    """
    tidying = planned_tidying()
    open_calls = unfinished(storage())
    lines = [*tidying.lines, *([f"{len(open_calls):,} calls to forget"] if open_calls else ())]
    if as_json:
        print_object({**tidying.as_json(), "forget": [each.key for each in open_calls]})
    else:
        sys.stdout.write("".join(f"{line}\n" for line in lines or ["nothing to do"]))
    if dry_run:
        return _EXIT_DONE
    forgotten = finish(places())
    if not (lines or tidying.problems or forgotten.removed or forgotten.problems):
        return _EXIT_DONE
    tidied = tidy_up(tidying, storage(), delete_at_service(), delete_artifact)
    told = (tidied.summary, *_removed(forgotten), *tidied.problems, *forgotten.problems)
    sys.stderr.write("".join(f"{line}\n" for line in told))
    return _EXIT_WITH_PROBLEMS if tidied.problems or forgotten.problems else _EXIT_DONE


def _removed(forgotten: Forgotten) -> list[str]:
    return [f"removed of forgotten calls: {line}" for line in forgotten.lines]
