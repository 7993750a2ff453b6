"""What can go wrong with the LLM Gateway, beside what can go wrong with any service.

```
ServiceError                        see fermata.assemblyai.errors
├── RequestRejectedError
│   └── ModelRefusedError           the account may not use the model, or there is none such
├── ModelFailedError                the gateway answered, but the model did not
└── NoModelAnsweredError            every model that was asked failed
```
"""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests

from fermata.assemblyai.classification import classify
from fermata.assemblyai.errors import RequestRejectedError, ServiceError
from fermata.assemblyai.gateway.messages import ModelFailure
from fermata.quoting import quoted

_NO_ACCESS = re.compile(r"does not have access", re.IGNORECASE)
_ABOUT_THE_MODEL = re.compile(r"\bmodel\b", re.IGNORECASE)


class ModelRefusedError(RequestRejectedError):
    """The account may not use the model, or the gateway knows none of that name."""


class ModelFailedError(ServiceError):
    """The gateway answered, but the model failed or said nothing."""


class NoModelAnsweredError(ServiceError):
    """Every model that was asked failed.

    Attributes:
        failures: the models in the order in which they were asked, each with its reason.
    """

    def __init__(self, failures: Sequence[ModelFailure]) -> None:
        """Tells of `failures` in one line."""
        told = "; ".join(f"{each.model}: {each.reason}" for each in failures)
        super().__init__(f"no model answered: {told}")
        self.failures = tuple(failures)


def classify_gateway(response: requests.Response, model: str) -> ServiceError | None:
    """Returns what went wrong by the answer's status and text; None for a 2xx.

    The statuses mean what they mean everywhere; only a refusal is read more closely, because
    another model may help against one that is about the model.
    """
    error = classify(response)
    if not isinstance(error, RequestRejectedError):
        return error
    text, host = _text(response) or error.service_text, urlsplit(response.url).netloc
    if _NO_ACCESS.search(text):
        return ModelRefusedError(
            f"the account may not use {model} ({text}): choose another model, or ask AssemblyAI "
            "for access",
            status=error.status,
            service_text=text,
        )
    about_model = error.status == HTTPStatus.NOT_FOUND or _ABOUT_THE_MODEL.search(text)
    kind = ModelRefusedError if about_model else RequestRejectedError
    return kind(
        f"{host} rejects the request to {model} ({error.status}): {text}",
        status=error.status,
        service_text=text,
    )


def _text(response: requests.Response) -> str | None:
    """The service's own words: its errors in detail where it gives them, else its message."""
    try:
        answer = response.json()
    except ValueError:
        return None
    body = answer.get("error", answer) if isinstance(answer, Mapping) else None
    if isinstance(body, str):
        return quoted(body)
    return quoted(_detail(body)) if isinstance(body, Mapping) else None


def _detail(body: Mapping[str, Any]) -> str:
    metadata = body.get("metadata")
    errors = metadata.get("errors") if isinstance(metadata, Mapping) else None
    if isinstance(errors, list) and errors:
        return "; ".join(map(str, errors))
    return str(body.get("message", ""))
