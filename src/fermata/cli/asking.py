"""What a command asks a person who sits at the terminal; everywhere else nobody is asked."""

import sys

from fermata.cli.consoles import Terminal
from fermata.errors import UsageError
from fermata.runs.volume import TooMuchAudioError

_YES = frozenset({"y", "yes"})


def accepted_by_person(terminal: Terminal, error: TooMuchAudioError) -> float:
    """The hours of audio that a person at the terminal accepts to be sent.

    Args:
        terminal: where it is asked.
        error: what would be sent.

    Raises:
        TooMuchAudioError: nobody sits there.
        UsageError: the answer was no.
    """
    if not (terminal.is_terminal and sys.stdin.isatty()):
        raise error
    terminal.print(str(error), soft_wrap=True)
    if _answer(terminal) not in _YES:
        raise UsageError("not accepted, and nothing was sent")
    return error.hours


def _answer(terminal: Terminal) -> str:
    try:
        return terminal.input("Send them now? [y/N] ", markup=False).strip().lower()
    except EOFError:
        return ""
