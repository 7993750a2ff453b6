"""One call is removed everywhere, and what was removed is told by place."""

import sys
from collections.abc import Sequence
from typing import Any

from config.forgetting import places
from config.wiring import ledger, storage
from fermata.cli.printing import print_object
from fermata.errors import UsageError
from fermata.forgetting import Forgotten, Tombstone, find_calls
from fermata.forgetting import forget as forget_calls
from fermata.forgetting.calls import alike

_EXIT_DONE = 0
_EXIT_WITH_PROBLEMS = 1


def forget(call: str, *, dry_run: bool, yes: bool, as_json: bool) -> int:
    """Removes a call and says what it removed; returns the exit code.

    Args:
        call: which one, as somebody names it.
        dry_run: only say what would be removed.
        yes: do not ask.
        as_json: say it as one JSON object on stdout.
    """
    calls = find_calls(call, storage(), ledger())
    others = alike(storage(), calls)
    sys.stderr.write("".join(f"{line}\n" for line in (*_shown(calls), *_hints(others))))
    if dry_run:
        if as_json:
            print_object(_object(calls, Forgotten({}, ()), others))
        return _EXIT_DONE
    if not yes:
        _agreed()
    forgotten = forget_calls(calls, places())
    if as_json:
        print_object(_object(calls, forgotten, others))
    else:
        lines = [f"removed: {line}" for line in forgotten.lines] or ["there was nothing left of it"]
        sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stderr.write("".join(f"not removed yet: {line}\n" for line in forgotten.problems))
    return _EXIT_WITH_PROBLEMS if forgotten.problems else _EXIT_DONE


def _agreed() -> None:
    """Asks whether it is meant.

    Raises:
        UsageError: it is not, or there is nobody to ask.
    """
    if not sys.stdin.isatty():
        raise UsageError("this cannot be undone: say --yes, or look first with --dry-run")
    sys.stderr.write("Remove this everywhere, for good? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise UsageError("nothing was removed")


def _shown(calls: Sequence[Tombstone]) -> list[str]:
    """What is meant, a line each."""
    return [
        f"{each.kind} {each.left.name}"
        + (f" ({each.key[:12]})" if each.kind == "recording" else "")
        if each.left
        else f"forgotten already, on {each.forgotten_at:%Y-%m-%d}"
        for each in calls
    ]


def _hints(others: Sequence[str]) -> list[str]:
    hint = (
        f"{len(others)} live sessions streamed a file of that name, and may be of the same call; "
        f"forget each by its name: {', '.join(others)}"
    )
    return [hint] if others else []


def _object(
    calls: Sequence[Tombstone], forgotten: Forgotten, others: Sequence[str]
) -> dict[str, Any]:
    return {
        "calls": [
            {"kind": each.kind, "key": each.key, "name": each.left.name if each.left else None}
            for each in calls
        ],
        "removed": forgotten.removed,
        "problems": list(forgotten.problems),
        "maybe_alike": list(others),
    }
