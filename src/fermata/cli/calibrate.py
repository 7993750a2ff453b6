"""`fermata calibrate`: the flow `calibrate` in this process, with what a person wants to see."""

from typing import TYPE_CHECKING, Annotated, Any, cast

from cyclopts import Parameter
from rich.console import Console

from config.choosing import choosing
from config.services import Engine, choose_engine
from config.settings import settings
from config.wiring import ledger, presets, storage
from fermata.assemblyai.options import MultichannelMode
from fermata.calibration import ChooseBy
from fermata.cli.printing import print_object
from fermata.cli.progress import showing_progress
from fermata.cli.starting import bring_up_prefect
from fermata.recordings import GroupBy, list_recordings

if TYPE_CHECKING:
    from fermata.report.result import CalibrationResult

_EXIT_DONE = 0
_EXIT_NOTHING_ANALYSED = 1


def calibrate(
    *recordings: str,
    engine: Engine = Engine.AUTO,
    group_by: GroupBy = GroupBy.FOLDER,
    multichannel: MultichannelMode = MultichannelMode.AUTO,
    choose_by: ChooseBy = ChooseBy.AUTO,
    goal: str = "",
    customer: str = "",
    as_json: Annotated[bool, Parameter(name="--json", negative=())] = False,
) -> int:
    """Measure the gaps between speakers in recordings and choose turn-detection settings.

    Args:
        recordings: Folders, files, http(s) addresses or fsspec URLs (s3://bucket/calls).
        engine: Who transcribes; auto is AssemblyAI where a key is set, else the local engine.
        group_by: What makes a group; folder is the first sub-folder below each source.
        multichannel: Whether each channel is one speaker; auto is where there are several.
        choose_by: Which rule; auto is replay where the recordings suffice, else the guide's.
        goal: What to aim for, as "mid-sentence <= 5 %, P90 wait <= 1 s"; without, one cut-in
            is worth 5 s of waiting.
        customer: The customer's speaker label or channel; without, all speakers' turns count.
        as_json: Print one JSON object on stdout and nothing else there.
    """
    terminal = Console(stderr=True, highlight=False)
    _check_before_starting(recordings, engine, group_by)
    choosing(choose_by, goal, customer)
    ui_url = bring_up_prefect(terminal)
    with showing_progress(terminal):
        result, failed = _run_flow(
            recordings=list(recordings),
            engine=engine,
            group_by=group_by,
            multichannel=multichannel,
            choose_by=choose_by,
            goal=goal,
            customer=customer,
        )
    if as_json:
        print_object(result.as_json())
    else:
        from fermata.cli.results import print_result  # noqa: PLC0415 - see _run_flow

        print_result(result, ui_url)
    return _EXIT_NOTHING_ANALYSED if failed else _EXIT_DONE


def _check_before_starting(recordings: tuple[str, ...], engine: Engine, group_by: GroupBy) -> None:
    """Finds what is wrong before Prefect is brought up, which takes seconds."""
    settings()
    presets()
    choose_engine(engine)
    list_recordings(recordings, group_by)
    ledger()
    storage().check_writable()


def _run_flow(**parameters: Any) -> tuple["CalibrationResult", bool]:
    # Imported late: Prefect takes two seconds, and reads the server's address as it is imported.
    # What computes and shows a result comes later still, while the service works.
    from flows.calibrate import calibrate as flow  # noqa: PLC0415

    state = flow(**parameters, return_state=True)
    result = state.result(raise_on_failure=False)
    if isinstance(result, BaseException):
        raise result
    return cast("CalibrationResult", result), state.is_failed()
