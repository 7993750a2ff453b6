"""What a command asks a person who sits at the terminal; everywhere else nobody is asked."""

import sys
from typing import TYPE_CHECKING

from config.choices import Publish
from fermata.cli.consoles import Terminal
from fermata.errors import UsageError
from fermata.runs.volume import TooMuchAudioError

if TYPE_CHECKING:
    from fermata.calibration import PublishingResult

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
    if not is_a_person_there():
        raise error
    terminal.print(str(error), soft_wrap=True)
    if not _is_agreed("Send them now?"):
        raise UsageError("not accepted, and nothing was sent")
    return error.hours


def check_can_ask(when: Publish) -> None:
    """Makes sure that somebody can be asked, before anything is done.

    Raises:
        UsageError: the settings are to be asked about, and nobody sits at a terminal.
    """
    if when is Publish.ASK and not is_a_person_there():
        raise UsageError(
            "--publish ask needs a terminal to ask in; give --publish auto, yes or no, "
            "or publish later with `fermata publish RUN`"
        )


def is_a_person_there() -> bool:
    """Whether questions can be asked and answered in the terminal."""
    # One that is closed at the start of a process is None.
    return bool(sys.stdin and sys.stdin.isatty()) and Terminal(stderr=True).is_terminal


def ask_and_publish(run_id: str, result: "PublishingResult | None") -> None:
    """Asks whether to put the settings of a run in force, and does it on a yes."""
    from fermata.cli.work.publish import publish  # noqa: PLC0415 - reads tables, which is slow

    if result is None or not result.withheld:
        return
    terminal = Terminal(stderr=True)
    for change in result.withheld:
        terminal.print(f"  {change.summary}", markup=False, soft_wrap=True)
    if _is_agreed(f"Put these in force for {result.scope}?"):
        publish(run_id, group=None, reason="agreed to in the terminal")


def answer_to(question: str) -> str:
    """What a person types in answer to a question; nothing where the input ends."""
    try:
        return Terminal(stderr=True).input(f"{question} ", markup=False).strip()
    except EOFError:
        return ""


def _is_agreed(question: str) -> bool:
    return answer_to(f"{question} [y/N]").lower() in _YES
