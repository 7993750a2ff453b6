"""From what a person asks for to the turn settings of a live session."""

from dataclasses import dataclass
from enum import StrEnum

from config.settings import settings
from config.wiring import presets, storage
from fermata.calibration import PresetName, StreamingParameters, read_latest, streaming_parameters
from fermata.errors import UsageError
from fermata.gladia import TurnSettings


class PresetChoice(StrEnum):
    """Where the two silences come from."""

    AUTO = "auto"
    AGGRESSIVE = "aggressive"
    BALANCED = "balanced"
    CONSERVATIVE = "conservative"


@dataclass(frozen=True, slots=True)
class TurnRequest:
    """What a person asks for.

    Attributes:
        preset: a preset by name, or `auto` for the newest calibration.
        group: with `auto`, whose calibration; None for that of all recordings.
        min_turn_silence_ms: in place of the preset's.
        max_turn_silence_ms: in place of the preset's.
        speech_model: None for that of the settings.
    """

    preset: PresetChoice
    group: str | None = None
    min_turn_silence_ms: int | None = None
    max_turn_silence_ms: int | None = None
    speech_model: str | None = None


@dataclass(frozen=True, slots=True)
class TurnChoice:
    """The turn settings of a live session.

    Attributes:
        origin: where they come from, in words.
        settings: the numbers.
        speech_model: the model they are for.
        note: one line where that model gives the numbers another meaning.
    """

    origin: str
    settings: TurnSettings
    speech_model: str
    note: str | None

    @property
    def parameters(self) -> StreamingParameters:
        """The settings as AssemblyAI names them; a threshold only for models that take one."""
        threshold = self.settings.end_of_turn_confidence_threshold
        assert threshold is not None
        return streaming_parameters(
            presets(),
            speech_model=self.speech_model,
            min_turn_silence_ms=self.settings.min_turn_silence_ms,
            max_turn_silence_ms=self.settings.max_turn_silence_ms,
            end_of_turn_confidence_threshold=threshold,
        )


def choose_turns(request: TurnRequest) -> TurnChoice:
    """Finds the turn settings that a person asked for.

    Raises:
        UsageError: there is no calibration for the group, or the numbers are the wrong way round.
    """
    origin, found = _from_calibration(request) or _from_preset(request)
    shortest = request.min_turn_silence_ms or found.min_turn_silence_ms
    longest = request.max_turn_silence_ms or found.max_turn_silence_ms
    if shortest > longest:
        raise UsageError(
            f"min_turn_silence {shortest} ms is above max_turn_silence {longest} ms: "
            "give both, or correct one"
        )
    if (shortest, longest) != (found.min_turn_silence_ms, found.max_turn_silence_ms):
        origin = f"own numbers, in place of {origin}"
    model = request.speech_model or settings().streaming_model
    chosen = TurnSettings(shortest, longest, found.end_of_turn_confidence_threshold)
    return TurnChoice(origin, chosen, model, presets().note_for(model))


def _from_calibration(request: TurnRequest) -> tuple[str, TurnSettings] | None:
    """The newest calibration's choice; None where a preset is named or nothing was calibrated."""
    if request.preset is not PresetChoice.AUTO:
        return None
    latest = read_latest(storage())
    if latest is None:
        if request.group is not None:
            raise UsageError(f"no calibration yet for the group {request.group!r}: calibrate first")
        return None
    choice = latest.for_group(request.group) if request.group else latest.overall
    of_whom = f"the group {request.group}" if request.group else "all recordings"
    return (
        f"{choice.title}, from the calibration of {of_whom} at {choice.chosen_at:%Y-%m-%d %H:%M}",
        TurnSettings(
            choice.min_turn_silence_ms,
            choice.max_turn_silence_ms,
            choice.end_of_turn_confidence_threshold,
        ),
    )


def _from_preset(request: TurnRequest) -> tuple[str, TurnSettings]:
    known = presets()
    if request.preset is PresetChoice.AUTO:
        name, origin = known.default.preset, f"{known.default.title}: nothing was calibrated yet"
    else:
        name = PresetName(request.preset)
        origin = f"the preset {known.presets[name].title}"
    preset = known.presets[name]
    return origin, TurnSettings(
        preset.min_turn_silence_ms,
        preset.max_turn_silence_ms,
        preset.end_of_turn_confidence_threshold,
    )
