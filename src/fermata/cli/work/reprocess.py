"""The flow `reprocess` in this process, with what a person wants to see."""

from datetime import date
from typing import Any

from rich.console import Console
from rich.text import Text

from config.again import engine_for_again, models_in
from config.choices import Publish
from config.choosing import choosing
from config.scopes import members_of
from config.wiring import ledger, presets, prices, storage
from fermata.calibration import ChooseBy
from fermata.cli.asking import ask_and_publish, check_can_ask
from fermata.cli.consoles import Terminal
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
    since: date | None,
    until: date | None,
    group: str,
    choose_by: ChooseBy,
    goal: str,
    customer: str,
    speech_models: str,
    accept_cost_usd: float | None,
    price_usd_per_hour: float | None,
    publish: Publish,
    scope: str,
    as_json: bool,
    **others: object,
) -> int:
    """Runs the flow and prints its result; returns the exit code. See `fermata reprocess --help`.

    Args:
        since: first day on which the transcripts arrived.
        until: last such day.
        group: only recordings of this group.
        choose_by: which rule.
        goal: what to aim for.
        customer: the customer's label or channel.
        speech_models: transcribe again with these.
        accept_cost_usd: the most that it may cost.
        price_usd_per_hour: of an hour of audio.
        publish: whether to put the settings in force.
        scope: only recordings of this scope.
        as_json: print one JSON object and nothing else on stdout.
        others: parameters of the flow that nothing here depends on.
    """
    terminal = Terminal(stderr=True)
    check_can_ask(publish)
    engine_for_again(models_in(speech_models), accept_cost_usd, price_usd_per_hour)
    _check_before_starting(Selection(since, until, group or None, members_of(scope)), terminal)
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
            accept_cost_usd=accept_cost_usd,
            price_usd_per_hour=price_usd_per_hour,
            publish=publish,
            scope=scope,
            **others,
        )
    _show(result, ui_url, publish, as_json=as_json)
    return _EXIT_NOTHING_ANALYSED if failed else _EXIT_DONE


def _show(
    result: CalibrationResult | CostEstimate, ui_url: str, publish: Publish, *, as_json: bool
) -> None:
    if as_json:
        print_object(result.as_json())
    elif isinstance(result, CostEstimate):
        Terminal().print(Text("\n".join(result.lines)), soft_wrap=True)
    else:
        print_result(result, ui_url)
        if publish is Publish.ASK:
            ask_and_publish(result.calibration.run_id, result.publishing)


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
    from flows.running import result_of, run_flow  # noqa: PLC0415

    state = run_flow(flow, **parameters)
    result = result_of(state)
    assert isinstance(result, CalibrationResult | CostEstimate)
    return result, state.is_failed()
