"""What is too old goes, and small table files are merged."""

import sys

from config.prefect_records import delete_artifact
from config.upkeep import delete_at_service, planned_tidying
from config.wiring import storage
from fermata.cli.printing import print_object
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
    if as_json:
        print_object(tidying.as_json())
    else:
        sys.stdout.write("".join(f"{line}\n" for line in tidying.lines or ["nothing to do"]))
    if dry_run or not (tidying.lines or tidying.problems):
        return _EXIT_DONE
    tidied = tidy_up(tidying, storage(), delete_at_service(), delete_artifact)
    sys.stderr.write("".join(f"{line}\n" for line in (tidied.summary, *tidied.problems)))
    return _EXIT_WITH_PROBLEMS if tidied.problems else _EXIT_DONE
