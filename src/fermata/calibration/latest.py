"""`calibrations/latest.json`: the newest choices, as a streaming client reads them."""

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from fermata.calibration.choice import ChosenBy, Custom, Variability
from fermata.calibration.presets import PresetName
from fermata.calibration.scopes import MAIN, Scope
from fermata.calibration.streaming import StreamingParameters
from fermata.errors import FermataError, UsageError
from fermata.storage import NotStoredError, Storage
from fermata.validation import first_problem


class DamagedChoiceError(FermataError):
    """The newest choices cannot be read back."""


class _Part(BaseModel):
    # A newer version may write more than this one knows.
    model_config = ConfigDict(extra="ignore", frozen=True)


class LatestChoice(_Part):
    """The newest choice of one group; the names are those of the table `calibrations`.

    Attributes:
        streaming_parameters: what to put into the streaming address, as it is.
    """

    run_id: str
    group: str
    chosen_at: AwareDatetime
    chosen_by: ChosenBy
    preset: PresetName | Custom
    title: str
    min_turn_silence_ms: int
    max_turn_silence_ms: int
    end_of_turn_confidence_threshold: float
    speech_model: str
    streaming_parameters: StreamingParameters
    recordings_found: int
    recordings_analysed: int
    total_gaps: int
    average_gap_ms: float | None
    median_gap_ms: float | None
    variability_ratio: float | None
    variability: Variability | None
    description: str
    use_cases: str
    reasoning: str
    note: str | None


class LatestChoices(_Part):
    """The newest choice overall and of each group."""

    overall: LatestChoice
    groups: dict[str, LatestChoice]

    def for_group(self, group: str) -> LatestChoice:
        """The newest choice of a group.

        Raises:
            UsageError: no recording of that group was ever calibrated.
        """
        if group not in self.groups:
            known = ", ".join(self.groups) or "none"
            raise UsageError(f"no calibration for the group {group!r}; there are: {known}")
        return self.groups[group]


def read_latest(storage: Storage, scope: Scope = MAIN) -> LatestChoices | None:
    """Reads the newest choices of a scope; None where nothing was published there yet.

    Raises:
        DamagedChoiceError: the file is not what `write_latest` writes.
        StorageError: it could not be read.
    """
    try:
        return LatestChoices.model_validate_json(storage.read(scope.latest_path))
    except NotStoredError:
        return None
    except ValidationError as error:
        raise DamagedChoiceError(
            f"{storage.uri(scope.latest_path)} cannot be used ({first_problem(error)}); "
            "calibrate again, which writes it anew"
        ) from None
