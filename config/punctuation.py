"""How streaming punctuation is measured here: by whom, with which model and turn settings."""

from dataclasses import dataclass

from config.choices import Engine, StreamingProvider
from config.services import choose_engine
from config.settings import settings
from config.streaming import choose_provider
from config.turns import TurnChoice
from config.wiring import presets
from fermata.gladia import TurnSettings
from fermata.punctuation import MeasuringParameters, measuring_parameters
from fermata.replay import DEFAULT_CONFIDENCE


@dataclass(frozen=True, slots=True)
class Measuring:
    """A measurement that is about to be made.

    Attributes:
        provider: who listens.
        speech_model: the streaming model.
        parameters: its turn settings, and what is compared.
        turns: the same settings as a live session takes them.
    """

    provider: StreamingProvider
    speech_model: str
    parameters: MeasuringParameters
    turns: TurnChoice

    @property
    def bill(self) -> str:
        """Who bills the streaming."""
        if self.provider is StreamingProvider.LOCAL:
            return "on this machine, billed by nobody"
        return f"billed by {self.provider.value}"


def plan_measuring(provider: Engine, speech_model: str) -> Measuring:
    """Settles who listens and how.

    Args:
        provider: auto is AssemblyAI where a key is set, else this machine. Gladia has no rule
            that a mark decides, so there is nothing to measure.
        speech_model: empty for that of the settings.

    Raises:
        UsageError: there is no key, or the model's rule is not documented.
    """
    chosen = choose_engine(provider) if provider is Engine.AUTO else provider
    model = speech_model or settings().streaming_model
    parameters = measuring_parameters(model)
    silences = TurnSettings(
        parameters.min_turn_silence_ms, parameters.max_turn_silence_ms, DEFAULT_CONFIDENCE
    )
    return Measuring(
        provider=choose_provider(StreamingProvider(chosen.value)),
        speech_model=model,
        parameters=parameters,
        turns=TurnChoice("measuring punctuation", silences, model, presets().note_for(model)),
    )
