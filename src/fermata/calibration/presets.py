"""The presets, their boundaries and what each family of streaming models makes of them.

They live in a TOML file (`config/presets.toml`), which is checked whole when it is loaded.
"""

import tomllib
from collections.abc import Collection
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fermata.errors import UsageError
from fermata.validation import first_problem

# The service clamps both silences to this range without a word.
_Silence = Annotated[int, Field(ge=50, le=10_000)]


class PresetName(StrEnum):
    """The three presets of the guide, from the quickest to the most patient."""

    AGGRESSIVE = "aggressive"
    BALANCED = "balanced"
    CONSERVATIVE = "conservative"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Pair(_Part):
    """The two silences that end a turn, in ms: after a complete sentence, and in any case."""

    min_turn_silence_ms: _Silence
    max_turn_silence_ms: _Silence

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min_turn_silence_ms > self.max_turn_silence_ms:
            raise ValueError("min_turn_silence_ms is above max_turn_silence_ms")
        return self


class Preset(Pair):
    """A pair with its confidence threshold (0 to 1) and the guide's texts."""

    title: str
    end_of_turn_confidence_threshold: float = Field(ge=0, le=1)
    description: str
    use_cases: str


class Boundaries(_Part):
    """Average gaps, in ms, from which the next preset is chosen; each belongs to the upper."""

    balanced_from_average_gap_ms: float = Field(gt=0)
    conservative_from_average_gap_ms: float = Field(gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.balanced_from_average_gap_ms >= self.conservative_from_average_gap_ms:
            raise ValueError("balanced_from_average_gap_ms must be the lower one")
        return self


class Default(_Part):
    """The preset that is chosen without any gap, and the words for it."""

    preset: PresetName
    title: str
    description: str
    reasoning: str


class Family(_Part):
    """Streaming models that read the silences alike.

    Attributes:
        models: patterns of model names, as in a shell.
        takes_confidence_threshold: whether `end_of_turn_confidence_threshold` has an effect.
        note: one line, where the silences mean something else than in the documentation of
            the presets; otherwise None.
        default: what the service does when it is told nothing; None where undocumented.
        pairs: documented pairs of its own, used only through `Presets.with_pairs_of`.
    """

    models: tuple[str, ...] = Field(min_length=1)
    takes_confidence_threshold: bool
    note: str | None = None
    default: Pair | None = None
    pairs: dict[PresetName, Pair] = {}

    @model_validator(mode="after")
    def _all_pairs_or_none(self) -> Self:
        if self.pairs:
            _require_all_presets(self.pairs)
        return self


class Presets(_Part):
    """Everything that `presets.toml` says."""

    boundaries: Boundaries
    default: Default
    presets: dict[PresetName, Preset]
    families: dict[str, Family]

    @model_validator(mode="after")
    def _all_presets(self) -> Self:
        _require_all_presets(self.presets)
        return self

    def family_of(self, speech_model: str) -> Family | None:
        """The first family with a pattern that the model's name matches; None if unknown."""
        return next(
            (
                family
                for family in self.families.values()
                if any(fnmatchcase(speech_model, pattern) for pattern in family.models)
            ),
            None,
        )

    def takes_confidence_threshold(self, speech_model: str) -> bool:
        """Whether the model obeys `end_of_turn_confidence_threshold`; an unknown one: no."""
        family = self.family_of(speech_model)
        return family is not None and family.takes_confidence_threshold

    def vendor_default(self, speech_model: str) -> Pair | None:
        """What the service does when it is told nothing; None where that is undocumented."""
        family = self.family_of(speech_model)
        return family.default if family else None

    def note_for(self, speech_model: str) -> str | None:
        """One line where the model gives the presets' numbers another meaning, else None."""
        family = self.family_of(speech_model)
        if family is None:
            return f"{speech_model}: not in presets.toml, so its reading of the silences is unknown"
        return f"{speech_model}: {family.note}" if family.note else None

    def with_pairs_of(self, family_name: str) -> "Presets":
        """The same presets and rule with the documented pairs of a family in their place.

        Raises:
            UsageError: there is no such family, or it has no pairs of its own.
        """
        family = self.families.get(family_name)
        if family is None or not family.pairs:
            known = ", ".join(name for name, each in self.families.items() if each.pairs)
            raise UsageError(f"no pairs named {family_name!r} in presets.toml; it has: {known}")
        replaced = {
            name: preset.model_copy(update=family.pairs[name].model_dump())
            for name, preset in self.presets.items()
        }
        # On its own pairs the family needs no warning about those of another.
        families = {**self.families, family_name: family.model_copy(update={"note": None})}
        return self.model_copy(update={"presets": replaced, "families": families})


def _require_all_presets(given: Collection[PresetName]) -> None:
    missing = [name.value for name in PresetName if name not in given]
    if missing:
        raise ValueError(f"lacks {', '.join(missing)}")


def load_presets(path: str | Path) -> Presets:
    """Reads and checks a presets file.

    Raises:
        UsageError: the file is missing, is not TOML, or holds something that cannot be.
    """
    try:
        return Presets.model_validate(tomllib.loads(Path(path).read_text(encoding="utf-8")))
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except ValidationError as error:
        reason = first_problem(error)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reason = str(error).replace("\n", " ")
    raise UsageError(f"the presets file {path} cannot be used: {reason}; mend or restore it")
