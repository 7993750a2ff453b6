"""Which streaming service a live session talks to, and with which parameters."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from config.choices import Engine, StreamingProvider
from config.secrets import assemblyai_key, gladia_key, has_assemblyai_key, has_gladia_key
from config.services import LOCAL_KEY, speech_service
from config.settings import settings
from config.turns import TurnChoice
from fermata.assemblyai.gateway import GatewayClient
from fermata.assemblyai.streaming import (
    AssemblyAiProvider,
    KeyAccess,
    llm_gateway_for,
    streaming_parameters,
)
from fermata.assemblyai.streaming.families import fit
from fermata.errors import UsageError
from fermata.gladia import GladiaClient, GladiaProvider, LiveRequest, endpointing_for
from fermata.gladia.parameters import SAMPLE_RATES_HZ as GLADIA_RATES_HZ
from fermata.live.provider import Provider
from fermata.live.sources import STREAMING_RATES_HZ
from fermata.live.timing import Timing


@dataclass(frozen=True, slots=True)
class Extras:
    """What a session does beside finding turns.

    Attributes:
        speaker_labels: tell speakers apart by voice.
        max_speakers: how many at most; None for no bound.
        llm_prompt: what a language model is asked about each turn; None for nothing.
        llm_model: which model.
    """

    speaker_labels: bool = False
    max_speakers: int | None = None
    llm_prompt: str | None = None
    llm_model: str = "claude-sonnet-4-6"

    def __post_init__(self) -> None:
        """Makes sure that nothing is asked for in vain.

        Raises:
            UsageError: speakers are counted and not told apart.
        """
        if self.max_speakers is not None and not self.speaker_labels:
            raise UsageError(
                "max_speakers (--max-speakers) has no effect without speaker_labels "
                "(--speaker-labels): give both, or leave it out"
            )


@dataclass(frozen=True, slots=True)
class StreamingService:
    """A service that listens, with its addresses."""

    provider: StreamingProvider
    streaming_url: str
    gateway_url: str


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """A provider ready to open sessions.

    Attributes:
        provider: opens them.
        parameters: what is asked of the service, without secrets.
        notes: what a person should know about them, one line each.
    """

    provider: Provider
    parameters: Mapping[str, Any]
    notes: tuple[str, ...]


def choose_provider(wanted: StreamingProvider) -> StreamingProvider:
    """The provider to use; on `auto` the first with a key, else the local one.

    Raises:
        UsageError: the provider that is wanted has no key.
    """
    has_key = {
        StreamingProvider.ASSEMBLYAI: has_assemblyai_key(),
        StreamingProvider.GLADIA: has_gladia_key(),
    }
    if wanted is StreamingProvider.AUTO:
        return next((name for name, has in has_key.items() if has), StreamingProvider.LOCAL)
    if not has_key.get(wanted, True):
        raise UsageError(
            f"no key for {wanted}: set {wanted.upper()}_API_KEY in the environment or in .env, "
            "or name local in its place"
        )
    return wanted


def accepted_rates_hz(provider: StreamingProvider) -> range | tuple[int, ...]:
    """The sample rates that the provider takes; other recordings are resampled."""
    return GLADIA_RATES_HZ if provider is StreamingProvider.GLADIA else STREAMING_RATES_HZ


@contextlib.contextmanager
def streaming_service(provider: StreamingProvider) -> Iterator[StreamingService]:
    """Yields the addresses of a provider; the local one runs just as long."""
    if provider is StreamingProvider.LOCAL:
        with speech_service(Engine.LOCAL) as service:
            socket = service.base_url.replace("http", "ws", 1)
            yield StreamingService(provider, f"{socket}/v3/ws", f"{service.base_url}/v1")
    elif provider is StreamingProvider.GLADIA:
        yield StreamingService(provider, settings().gladia_base_url, settings().llm_gateway_url)
    else:
        current = settings()
        yield StreamingService(provider, current.assemblyai_streaming_url, current.llm_gateway_url)


def session_timing() -> Timing:
    """The bounds of a live session, as they are set."""
    return Timing(silent_s=settings().stream_silent_s, flush_s=settings().stream_flush_s)


def plan_session(service: StreamingService, turns: TurnChoice, extras: Extras) -> PlannedSession:
    """Puts a provider together.

    Raises:
        UsageError: the model lacks something that was asked for, or a value is out of range.
    """
    if service.provider is StreamingProvider.GLADIA:
        return _plan_gladia(service, turns, extras)
    return _plan_assemblyai(service, turns, extras)


def gateway_for(service: StreamingService) -> GatewayClient:
    """The client of the LLM Gateway beside a service.

    Raises:
        UsageError: there is no AssemblyAI key, which the gateway asks for.
    """
    return GatewayClient(
        service.gateway_url,
        _assemblyai_key(service.provider),
        allow_insecure_hosts=settings().allow_insecure_hosts,
    )


def _plan_assemblyai(
    service: StreamingService, turns: TurnChoice, extras: Extras
) -> PlannedSession:
    values: dict[str, Any] = dict(turns.parameters)
    if not fit(turns.speech_model, ["format_turns"]).without_effect:
        values["format_turns"] = True
    if extras.speaker_labels:
        values |= {"speaker_labels": True, "max_speakers": extras.max_speakers}
    if extras.llm_prompt:
        values["llm_gateway"] = llm_gateway_for(extras.llm_prompt, extras.llm_model)
    parameters = streaming_parameters(values)
    provider = AssemblyAiProvider(
        service.streaming_url,
        KeyAccess(_assemblyai_key(service.provider)),
        parameters,
        allow_insecure_hosts=settings().allow_insecure_hosts,
        name=service.provider.value,
    )
    # The rate is that of the audio, set as each session is opened.
    shown = parameters.model_dump(mode="json", exclude_none=True, exclude={"sample_rate"})
    notes = (turns.note,) if turns.note else ()
    return PlannedSession(provider, shown, (*notes, *parameters.warnings))


def _plan_gladia(service: StreamingService, turns: TurnChoice, extras: Extras) -> PlannedSession:
    key = gladia_key()
    assert key is not None
    endpointing = endpointing_for(turns.settings)
    request = LiveRequest(
        endpointing=endpointing.endpointing_s,
        maximum_duration_without_endpointing=endpointing.maximum_duration_s,
    )
    client = GladiaClient(
        service.streaming_url,
        key.get_secret_value(),
        allow_insecure_hosts=settings().allow_insecure_hosts,
    )
    notes = list(endpointing.notes)
    if extras.speaker_labels:
        notes.append("Gladia live tells no speakers apart: use one channel per speaker")
    if extras.llm_prompt:
        notes.append("Gladia live asks no language model about each turn: the prompt is not used")
    shown = request.model_dump(mode="json", exclude_none=True)
    return PlannedSession(GladiaProvider(client, request), shown, tuple(notes))


def _assemblyai_key(provider: StreamingProvider) -> str:
    if provider is StreamingProvider.LOCAL:
        return LOCAL_KEY
    key = assemblyai_key()
    if key is None:
        raise UsageError("no AssemblyAI key: set ASSEMBLYAI_API_KEY in the environment or in .env")
    return key.get_secret_value()
