"""The flow `calibrate` in this process, with what a person wants to see."""

from typing import TYPE_CHECKING, Any, cast

from config.choices import Engine, Publish
from config.choosing import choosing
from config.services import choose_engine
from config.settings import settings
from config.volume import accepted_hours
from config.wiring import ledger, presets, storage
from config.withheld import as_parameters
from fermata.calibration import ChooseBy
from fermata.cli.asking import accepted_by_person, ask_and_publish, check_can_ask
from fermata.cli.consoles import Terminal
from fermata.cli.printing import print_object
from fermata.cli.progress import showing_progress
from fermata.cli.starting import bring_up_prefect
from fermata.recordings import Candidate, GroupBy, list_recordings
from fermata.runs.volume import TooMuchAudioError

if TYPE_CHECKING:
    from fermata.report.result import CalibrationResult

_EXIT_DONE = 0
_EXIT_NOTHING_ANALYSED = 1


def calibrate(
    recordings: tuple[str, ...],
    *,
    engine: Engine,
    group_by: GroupBy,
    choose_by: ChooseBy,
    goal: str,
    customer: str,
    accept_audio_hours: float | None,
    publish: Publish,
    as_json: bool,
    **others: object,
) -> int:
    """Runs the flow and prints its result; returns the exit code. See `fermata calibrate --help`.

    Args:
        recordings: what to calibrate on.
        engine: who transcribes.
        group_by: what makes a group.
        choose_by: which rule.
        goal: what to aim for.
        customer: the customer's label or channel.
        accept_audio_hours: the most audio to send, if more than the settings allow.
        publish: whether to put the settings in force.
        as_json: print one JSON object and nothing else on stdout.
        others: parameters of the flow that nothing here depends on.
    """
    terminal = Terminal(stderr=True)
    check_can_ask(publish)
    listed = _checked_before_starting(recordings, engine, group_by)
    choosing(choose_by, goal, customer)
    accepted_hours(accept_audio_hours)
    ui_url = bring_up_prefect(terminal, listed)
    result, failed = _run_as_accepted(
        terminal,
        accept_audio_hours,
        recordings=as_parameters(recordings),
        engine=engine,
        group_by=group_by,
        choose_by=choose_by,
        goal=goal,
        customer=customer,
        publish=publish,
        **others,
    )
    if as_json:
        print_object(result.as_json())
    else:
        from fermata.cli.results import print_result  # noqa: PLC0415 - see _run_flow

        print_result(result, ui_url)
    if publish is Publish.ASK and not as_json:
        ask_and_publish(result.calibration.run_id, result.publishing)
    return _EXIT_NOTHING_ANALYSED if failed else _EXIT_DONE


def _checked_before_starting(
    recordings: tuple[str, ...], engine: Engine, group_by: GroupBy
) -> tuple[Candidate, ...]:
    """Finds what is wrong before Prefect is brought up, which takes seconds."""
    settings()
    presets()
    choose_engine(engine)
    listing = list_recordings(recordings, group_by)
    ledger()
    storage().check_writable()
    return listing.candidates


def _run_as_accepted(
    terminal: Terminal, accept_audio_hours: float | None, **parameters: Any
) -> tuple["CalibrationResult", bool]:
    """Runs the flow, and once more if a person accepts that it sends more than it may."""
    try:
        with showing_progress(terminal):
            return _run_flow(accept_audio_hours=accept_audio_hours, **parameters)
    except TooMuchAudioError as error:
        accepted = accepted_by_person(terminal, error)
    with showing_progress(terminal):
        return _run_flow(accept_audio_hours=accepted, **parameters)


def _run_flow(**parameters: Any) -> tuple["CalibrationResult", bool]:
    # Imported late: Prefect takes two seconds, and reads the server's address as it is imported.
    # What computes and shows a result comes later still, while the service works.
    from flows.calibrate import calibrate as flow  # noqa: PLC0415
    from flows.running import result_of, run_flow  # noqa: PLC0415

    state = run_flow(flow, **parameters)
    return cast("CalibrationResult", result_of(state)), state.is_failed()
