"""The client of the LLM Gateway: one question, one answer, from the first model that gives it."""

import logging
import threading
from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from pydantic import ValidationError

from fermata.assemblyai.address import checked_base_url, checked_key
from fermata.assemblyai.classification import invalid_answer
from fermata.assemblyai.errors import ConnectionFailedError, ServiceError, TransientServiceError
from fermata.assemblyai.gateway.errors import (
    ModelFailedError,
    ModelRefusedError,
    NoModelAnsweredError,
    classify_gateway,
)
from fermata.assemblyai.gateway.messages import ChatResponse, Completion, Message, ModelFailure
from fermata.assemblyai.posting import KeyHeader, post_json
from fermata.assemblyai.retry import RetryPolicy, is_transient, with_retries
from fermata.assemblyai.transport import Timeouts
from fermata.redact import masked_answer

DEFAULT_TIMEOUTS = Timeouts(answer_s=120.0)
"""A model may think for a while before its answer begins."""

DEFAULT_RETRY = RetryPolicy(attempts=3, total_s=120.0, retry_after_max_s=60.0)
"""A free account may ask twice a minute, so a minute is what `Retry-After` says at most."""

_logger = logging.getLogger(__name__)


class GatewayClient:
    """Asks models through AssemblyAI's LLM Gateway or any server that speaks its language.

    Attributes:
        base_url: The gateway's address, without a slash at its end.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
        retry: RetryPolicy = DEFAULT_RETRY,
        allow_insecure_hosts: Collection[str] = (),
        stop: threading.Event | None = None,
    ) -> None:
        """Checks address and key; nothing is sent yet.

        Args:
            base_url: Such as `https://llm-gateway.assemblyai.com/v1`; `/v1` is put behind an
                address without a path, because all that the gateway offers is below it.
            api_key: The service's key.
            timeouts: How long the gateway may keep silent.
            retry: How patiently a question is repeated to the same model.
            allow_insecure_hosts: Hosts other than loopback that the key may be sent to over http.
            stop: Ends all waiting when set.

        Raises:
            UsageError: The address or the key can't be used.
        """
        address = checked_base_url(base_url, allow_insecure_hosts)
        self.base_url = address if urlsplit(address).path else f"{address}/v1"
        self._auth = KeyHeader("Authorization", checked_key(api_key))
        self._timeouts = timeouts
        self._retry = retry
        self._stop = stop or threading.Event()

    def complete(
        self,
        messages: Sequence[Message],
        *,
        model: str,
        fallback_models: Sequence[str] = (),
        max_tokens: int = 1000,
    ) -> Completion:
        """Asks the models in turn until one answers.

        The next model is asked where one is refused, fails, is limited or stays silent; not
        where the key, the request or the connection is at fault, which no model can mend.

        Args:
            messages: The conversation so far, the question last.
            model: The model to ask first.
            fallback_models: The models to ask next, in order.
            max_tokens: The longest answer.

        Raises:
            NoModelAnsweredError: All of several models failed.
            ServiceError: The only model failed, or the gateway can't be used.
            StoppedError: The run was stopped.
        """
        errors: dict[str, ServiceError] = {}
        for name in dict.fromkeys((model, *fallback_models)):
            failures = _failures(errors)
            try:
                return _completion(self._ask(name, messages, max_tokens), name, failures)
            except (ModelRefusedError, ModelFailedError, TransientServiceError) as error:
                if _is_out_of_reach(error):
                    raise
                _logger.info("%s did not answer: %s", name, error)
                errors[name] = error
        if len(errors) == 1:
            raise errors[model]
        raise NoModelAnsweredError(_failures(errors))

    def _ask(self, model: str, messages: Sequence[Message], max_tokens: int) -> ChatResponse:
        return with_retries(
            lambda: self._send(model, messages, max_tokens), self._retry, self._stop, is_transient
        )

    def _send(self, model: str, messages: Sequence[Message], max_tokens: int) -> ChatResponse:
        url = f"{self.base_url}/chat/completions"
        said = [{"role": each.role.value, "content": each.content} for each in messages]
        body = {"model": model, "messages": said, "max_tokens": max_tokens}
        response = post_json(url, body, auth=self._auth, timeouts=self._timeouts)
        if error := classify_gateway(response, model):
            raise error
        try:
            return ChatResponse.model_validate_json(masked_answer(response.content))
        except ValidationError:
            # Not chained: pydantic repeats what it was given, which may be private.
            raise invalid_answer(self.base_url) from None


def _completion(answer: ChatResponse, model: str, failures: tuple[ModelFailure, ...]) -> Completion:
    if answer.has_failed_at_the_model:
        raise ModelFailedError(
            f"{model} failed at its provider ({answer.llm_status_code}): choose another model"
        )
    if not answer.text.strip():
        raise ModelFailedError(f"{model} said nothing: allow more tokens or choose another model")
    return Completion(
        text=answer.text,
        model=model,
        finish_reason=answer.finish_reason,
        usage=answer.usage,
        request_id=answer.request_id,
        failures=failures,
    )


def _failures(errors: dict[str, ServiceError]) -> tuple[ModelFailure, ...]:
    return tuple(ModelFailure(name, str(error)) for name, error in errors.items())


def _is_out_of_reach(error: ServiceError) -> bool:
    return isinstance(error, ConnectionFailedError) and not error.answer_lost
