"""From what a person asks for to the turn settings of a live session."""

from dataclasses import dataclass

from config.choices import PresetChoice
from config.scopes import chosen_scope
from config.settings import settings
from config.wiring import presets, storage
from fermata.calibration import (
    ChosenBy,
    LatestChoice,
    PresetName,
    StreamingParameters,
    read_latest,
    streaming_parameters,
)
from fermata.errors import UsageError
from fermata.gladia import TurnSettings


@dataclass(frozen=True, slots=True)
class TurnRequest:
    """What a person asks for.

    Attributes:
        preset: a preset by name, or `auto` for the newest calibration.
        group: with `auto`, whose calibration; None for that of all recordings.
        scope: with `auto`, in which scope; empty for that of the settings.
        min_turn_silence_ms: in place of the preset's.
        max_turn_silence_ms: in place of the preset's.
        speech_model: None for that of the settings.
    """

    preset: PresetChoice
    group: str | None = None
    min_turn_silence_ms: int | None = None
    max_turn_silence_ms: int | None = None
    speech_model: str | None = None
    scope: str = ""


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
    model = request.speech_model or settings().streaming_model
    origin, found, note = _from_calibration(request, model) or _from_preset(request, model)
    shortest = request.min_turn_silence_ms or found.min_turn_silence_ms
    longest = request.max_turn_silence_ms or found.max_turn_silence_ms
    if shortest > longest:
        raise UsageError(
            f"min_turn_silence {shortest} ms is above max_turn_silence {longest} ms: "
            "give both, or correct one"
        )
    if (shortest, longest) != (found.min_turn_silence_ms, found.max_turn_silence_ms):
        origin = f"own numbers, in place of {origin}"
    chosen = TurnSettings(shortest, longest, found.end_of_turn_confidence_threshold)
    return TurnChoice(origin, chosen, model, note)


_Found = tuple[str, TurnSettings, str | None]


def _from_calibration(request: TurnRequest, model: str) -> _Found | None:
    """The newest calibration's choice; None where a preset is named or nothing was calibrated."""
    if request.preset is not PresetChoice.AUTO:
        return None
    scope = chosen_scope(request.scope)
    latest = read_latest(storage(), scope)
    if latest is None:
        if request.group is not None:
            raise UsageError(f"no calibration yet for the group {request.group!r}: calibrate first")
        return None
    choice = latest.for_group(request.group) if request.group else latest.overall
    of_whom = f"the group {request.group}" if request.group else "all recordings"
    of_whom += f" of {scope.name}" if scope.name else ""
    return (
        f"{choice.title}, from the calibration of {of_whom} at {choice.chosen_at:%Y-%m-%d %H:%M}",
        TurnSettings(
            choice.min_turn_silence_ms,
            choice.max_turn_silence_ms,
            choice.end_of_turn_confidence_threshold,
        ),
        _note_on(choice, model),
    )


def _note_on(choice: LatestChoice, model: str) -> str | None:
    """What a session should know of settings that were learned, perhaps for another model."""
    if choice.chosen_by is ChosenBy.AVERAGE_GAP:
        return presets().note_for(model)
    if choice.speech_model == model:
        return None
    return f"{model}: the settings were learned by the rule of {choice.speech_model}"


def _from_preset(request: TurnRequest, model: str) -> _Found:
    known = presets()
    if request.preset is PresetChoice.AUTO:
        name, origin = known.default.preset, f"{known.default.title}: nothing was calibrated yet"
    else:
        name = PresetName(request.preset)
        alike = ", which is the same for every group" if request.group else ""
        origin = f"the preset {known.presets[name].title}{alike}"
    preset = known.presets[name]
    turns = TurnSettings(
        preset.min_turn_silence_ms,
        preset.max_turn_silence_ms,
        preset.end_of_turn_confidence_threshold,
    )
    return origin, turns, known.note_for(model)
