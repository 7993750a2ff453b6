"""Tells what went wrong: an HTTP answer or an exception of `requests` becomes a `ServiceError`."""

import re
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from fermata.assemblyai.errors import (
    AuthenticationError,
    ConnectionFailedError,
    NoCreditError,
    RateLimitedError,
    RequestRejectedError,
    ServiceError,
    ServiceUnavailableError,
    UnknownTranscriptError,
)
from fermata.proxies import refusal_in
from fermata.quoting import quoted

_RATE = re.compile(r"\brate\b|too many requests", re.IGNORECASE)
_ONE_TRANSCRIPT = re.compile(r"/v2/transcript/[^/]+$")
_UNKNOWN_TRANSCRIPT = re.compile(r"transcript id not found", re.IGNORECASE)


def classify(response: requests.Response) -> ServiceError | None:
    """Returns what went wrong by the answer's status; None for a 2xx.

    Statuses and texts: AssemblyAI's OpenAPI file, and answers seen live. Exceeding the rate
    is a 429 there, a 403 by the vendor's own guide for agents: both mean to slow down.
    """
    status, text, host = response.status_code, service_text(response), _host(response)
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    if status == HTTPStatus.UNAUTHORIZED:
        return AuthenticationError(
            f"{host} does not accept the key ({text}): check that ASSEMBLYAI_API_KEY is set, "
            "whole, and meant for this address"
        )
    if status == HTTPStatus.PAYMENT_REQUIRED:
        return NoCreditError(
            f"no credit: {host} wants the account to be paid first ({text}): top it up, and run "
            "again to go on"
        )
    limited = status == HTTPStatus.FORBIDDEN and _RATE.search(text)
    if status == HTTPStatus.TOO_MANY_REQUESTS or limited:
        return RateLimitedError(
            f"{host} gets too many requests ({text}): try again later",
            retry_after_s=_retry_after_s(response),
        )
    if status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServiceUnavailableError(
            f"{host} is in trouble ({status} {text}): try again later",
            retry_after_s=_retry_after_s(response),
        )
    return _rejection(response, text, host)


def classify_exception(error: requests.RequestException, address: str) -> ConnectionFailedError:
    """Returns what went wrong when no whole answer came from the service at `address`."""
    host = urlsplit(address).netloc
    if isinstance(error, requests.exceptions.ProxyError):
        # urllib3 says so only of what went wrong before the proxy had let the request through.
        return ConnectionFailedError(
            f"can't connect to {host} through the proxy ({_why(error)}): check HTTPS_PROXY and "
            "NO_PROXY, and the network",
            answer_lost=False,
        )
    if _never_sent(error):
        return ConnectionFailedError(
            f"can't connect to {host} ({_why(error)}): check the address and the network",
            answer_lost=False,
        )
    return ConnectionFailedError(
        f"the connection to {host} broke ({_why(error)}): try again later", answer_lost=True
    )


def invalid_answer(address: str) -> ServiceUnavailableError:
    """Returns the error for a 200 whose body is cut or isn't the service's (a proxy's page)."""
    return ServiceUnavailableError(
        f"{urlsplit(address).netloc} sent an answer that can't be read "
        "(cut, or from something between): try again later"
    )


def service_text(response: requests.Response) -> str:
    """Returns the service's own words as `quoted` has them, or the status's name without any."""
    try:
        text = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        text = response.reason or "no text"
    return quoted(str(text))


def _rejection(response: requests.Response, text: str, host: str) -> RequestRejectedError:
    status = response.status_code
    if status < HTTPStatus.BAD_REQUEST:
        message = f"{host} sends requests elsewhere ({status}): correct the service's address"
        return RequestRejectedError(message, status=status, service_text=text)
    message = f"{host} rejects the request ({status}): {text}"
    if _UNKNOWN_TRANSCRIPT.search(text) or (
        # The specification's way to say it; seen live is a 400 with the text above.
        status == HTTPStatus.NOT_FOUND and _ONE_TRANSCRIPT.search(urlsplit(response.url).path)
    ):
        return UnknownTranscriptError(message, status=status, service_text=text)
    return RequestRejectedError(message, status=status, service_text=text)


def _host(response: requests.Response) -> str:
    return urlsplit(response.url).netloc


def _retry_after_s(response: requests.Response) -> float | None:
    """Reads `Retry-After` in both its forms (RFC 9110, 10.2.3): seconds, and an HTTP date."""
    header = response.headers.get("Retry-After", "").strip()
    if header.isdecimal():
        return float(header)
    until = _http_date(header)
    return max(0.0, (until - service_time(response)).total_seconds()) if until else None


def service_time(response: requests.Response) -> datetime:
    """Returns the service's clock when it answered; ours, should it not tell."""
    return _http_date(response.headers.get("Date", "")) or datetime.now(UTC)


def _http_date(header: str) -> datetime | None:
    try:
        return parsedate_to_datetime(header).astimezone(UTC)
    except ValueError:
        return None


def _never_sent(error: requests.RequestException) -> bool:
    """Whether the connection was never made, so that the service can't have seen the request."""
    return any(
        isinstance(cause, NewConnectionError | ConnectTimeoutError | ssl.SSLCertVerificationError)
        for cause in _causes(error)
    )


def _why(error: requests.RequestException) -> str:
    """Returns the innermost reason in a few words, without the URL that requests puts in."""
    causes = _causes(error)
    if isinstance(error, requests.Timeout):
        return "it took too long"
    inner = causes[-1]
    if refusal := refusal_in(inner):
        return refusal
    if isinstance(inner, OSError) and inner.strerror:
        return inner.strerror
    return type(inner).__name__


def _causes(error: BaseException) -> list[BaseException]:
    """Returns the error and what it wraps: requests and urllib3 keep it in reasons and args.

    `__context__` is left out, for it may lead to the error of an earlier request.
    """
    causes = [error]
    for cause in causes:
        inner = [getattr(cause, "reason", None), cause.__cause__, *cause.args]
        causes.extend(
            item for item in inner if isinstance(item, BaseException) and item not in causes
        )
    return causes
