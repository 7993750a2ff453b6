"""The flow `measure-punctuation` in this process."""

import math
import sys

from rich.text import Text

from config.choices import Engine
from config.ending import current_ending
from config.punctuation import plan_measuring
from config.watching import Watching, watched_by
from config.wiring import ledger, storage
from config.withheld import as_parameters
from fermata.archive import TranscriptArchive
from fermata.cli.consoles import Terminal
from fermata.cli.log_lines import LogLines, handling_log
from fermata.cli.starting import bring_up_prefect
from fermata.errors import UsageError
from fermata.punctuation import Measurement, find_sample

_EXIT_DONE = 0


def measure_punctuation(
    recordings: tuple[str, ...],
    minutes: float,
    provider: Engine,
    speech_model: str,
    *,
    as_json: bool,
) -> int:
    """Runs the flow and prints the figures; returns the exit code.

    Args:
        recordings: calibrated before.
        minutes: the most minutes of streaming to be billed.
        provider: who listens.
        speech_model: the service's model; empty for that of the settings.
        as_json: print one JSON object and nothing else on stdout.
    """
    terminal = Terminal(stderr=True)
    _check_before_starting(recordings, minutes, provider, speech_model)
    bring_up_prefect(terminal)
    ending = current_ending()
    assert ending is not None
    lines = LogLines(lambda text, style: terminal.print(Text(text, style=style), soft_wrap=True))
    with handling_log(lines), watched_by(Watching(stop=ending.stop)):
        measurement, message = _run_flow(recordings, minutes, provider, speech_model)
    if measurement is None:
        terminal.print(message)
        return ending.exit_code
    sys.stdout.write(f"{measurement.model_dump_json() if as_json else message}\n")
    return _EXIT_DONE


def _check_before_starting(
    recordings: tuple[str, ...], minutes: float, provider: Engine, speech_model: str
) -> None:
    """Finds what is wrong before Prefect is brought up; the flow says what will be billed."""
    if not 0 < minutes < math.inf:
        raise UsageError("--minutes is the most to be billed: give a number above 0")
    plan_measuring(provider, speech_model)
    find_sample(recordings, minutes, ledger(), TranscriptArchive(storage()))


def _run_flow(
    recordings: tuple[str, ...], minutes: float, provider: Engine, speech_model: str
) -> tuple[Measurement | None, str]:
    # Imported late: Prefect takes two seconds, and reads the server's address as it is imported.
    from flows.measure_punctuation import measure_punctuation as flow  # noqa: PLC0415
    from flows.running import result_of, run_flow  # noqa: PLC0415

    state = run_flow(
        flow,
        recordings=as_parameters(recordings),
        minutes=minutes,
        provider=provider,
        speech_model=speech_model,
    )
    result = result_of(state)
    assert isinstance(result, Measurement | None)
    return result, state.message or ""
