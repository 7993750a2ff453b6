"""`fermata reprocess`: the flow `reprocess` in this process."""

from datetime import date
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from config.choosing import choosing
from config.wiring import ledger, presets, prices, storage
from fermata.assemblyai.options import MultichannelMode
from fermata.calibration import ChooseBy
from fermata.cli.printing import print_object
from fermata.cli.progress import showing_progress
from fermata.cli.results import print_result
from fermata.cli.starting import bring_up_prefect
from fermata.report.result import CalibrationResult
from fermata.runs.archived import Selection, archived
from fermata.runs.estimate import CostEstimate

_EXIT_DONE = 0
_EXIT_NOTHING_ANALYSED = 1


def reprocess(
    *,
    since: date | None = None,
    until: date | None = None,
    group: str = "",
    choose_by: ChooseBy = ChooseBy.AUTO,
    goal: str = "",
    customer: str = "",
    speech_models: str = "",
    multichannel: MultichannelMode = MultichannelMode.AUTO,
    accept_cost_usd: float | None = None,
    price_usd_per_hour: float | None = None,
    as_json: Annotated[bool, Parameter(name="--json", negative=())] = False,
) -> int:
    """Compute tables and settings again from archived transcripts; calls no service.

    With --speech-models the recordings are transcribed again, once the cost is accepted.

    Args:
        since: First day (UTC) on which the transcripts arrived, as 2026-11-21.
        until: Last such day.
        group: Only recordings of this group.
        choose_by: Which rule; auto is replay where the recordings suffice, else the guide's.
        goal: What to aim for, as "mid-sentence <= 5 %"; without, one cut-in is worth 5 s.
        customer: The customer's speaker label or channel; without, all speakers' turns count.
        speech_models: Transcribe again with these models, separated by commas; costs money.
        multichannel: When transcribing again: whether each channel is one speaker.
        accept_cost_usd: The most that transcribing again may cost; without, only an estimate.
        price_usd_per_hour: Your price for an hour of audio, in place of the list price.
        as_json: Print one JSON object on stdout and nothing else there.
    """
    terminal = Console(stderr=True, highlight=False)
    _check_before_starting(Selection(since, until, group or None), terminal)
    choosing(choose_by, goal, customer)
    ui_url = bring_up_prefect(terminal)
    with showing_progress(terminal):
        result, failed = _run_flow(
            since=since,
            until=until,
            group=group,
            choose_by=choose_by,
            goal=goal,
            customer=customer,
            speech_models=speech_models,
            multichannel=multichannel,
            accept_cost_usd=accept_cost_usd,
            price_usd_per_hour=price_usd_per_hour,
        )
    if as_json:
        print_object(result.as_json())
    else:
        _print(result, ui_url)
    return _EXIT_NOTHING_ANALYSED if failed else _EXIT_DONE


def _print(result: CalibrationResult | CostEstimate, ui_url: str) -> None:
    if isinstance(result, CostEstimate):
        Console(highlight=False).print(Text("\n".join(result.lines)), soft_wrap=True)
    else:
        print_result(result, ui_url)


def _check_before_starting(selection: Selection, terminal: Console) -> None:
    """Finds what is wrong before Prefect is brought up, which takes seconds."""
    presets()
    prices()
    for line in archived(selection, ledger(), storage()).recovered:
        terminal.print(Text(line, "yellow"), soft_wrap=True)
    storage().check_writable()


def _run_flow(**parameters: Any) -> tuple[CalibrationResult | CostEstimate, bool]:
    # Imported late: Prefect takes two seconds, and reads the server's address as it is imported.
    from flows.reprocess import reprocess as flow  # noqa: PLC0415

    state = flow(**parameters, return_state=True)
    result = state.result(raise_on_failure=False)
    if isinstance(result, BaseException):
        raise result
    assert isinstance(result, CalibrationResult | CostEstimate)
    return result, state.is_failed()
