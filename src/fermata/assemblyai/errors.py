"""Everything that can go wrong with the service, and the one place that tells what it was.

```
FermataError
├── StoppedError                        the run was stopped while it waited
├── ContentError                        the recording's content, before or during upload
│   ├── ContentUnreadableError          it can't be read any more
│   └── ContentChangedError             it isn't what was identified: not submitted
└── ServiceError
    ├── AccountError                    it would happen to every request of this account
    │   ├── AuthenticationError         401: the key is missing or wrong
    │   └── NoCreditError               402: the account has no money left
    ├── RequestRejectedError            400, 403, 404, 413, 422, ...: trying the same is no use
    │   └── UnknownTranscriptError      the service knows no transcript of that id
    └── TransientServiceError           the same request may succeed later
        ├── RateLimitedError            429, or 403 that speaks of a rate
        ├── ServiceUnavailableError     5xx, 408, or a 200 whose body is no answer
        └── ConnectionFailedError       refused, reset, too slow, name not found
```

A `TransientServiceError` knows whether its `answer_lost`: then the service may have acted on
the request, and one that costs money must not be sent again before the service was asked what
became of it. Texts hold no key and no URL's query.
"""

from fermata.errors import FermataError


class StoppedError(FermataError):
    """The run was stopped while it waited; a later run goes on from there."""


class ContentError(FermataError):
    """The content of a recording could not be sent."""


class ContentUnreadableError(ContentError):
    """The content could be identified, but can't be read any more."""


class ContentChangedError(ContentError):
    """The content isn't the one that was identified, so it was not submitted."""


class ServiceError(FermataError):
    """The service refused a request, or could not be asked."""


class AccountError(ServiceError):
    """The account may not do what was asked, for whichever recording: nothing is worth trying."""


class AuthenticationError(AccountError):
    """The key is missing or wrong."""


class NoCreditError(AccountError):
    """The account has no money left."""


class RequestRejectedError(ServiceError):
    """The service understood the request and refuses it.

    Attributes:
        status: The HTTP status.
        service_text: The service's own words, in one line.
    """

    def __init__(self, message: str, *, status: int, service_text: str) -> None:
        super().__init__(message)
        self.status = status
        self.service_text = service_text


class UnknownTranscriptError(RequestRejectedError):
    """The service knows no transcript of that id."""


class TransientServiceError(ServiceError):
    """The same request may succeed later.

    Attributes:
        answer_lost: Whether the service may have acted on the request all the same.
        retry_after_s: How long the service asks to wait; None if it doesn't say.
    """

    def __init__(
        self, message: str, *, answer_lost: bool, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.answer_lost = answer_lost
        self.retry_after_s = retry_after_s


class RateLimitedError(TransientServiceError):
    """Too many requests; this one was not acted on."""

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message, answer_lost=False, retry_after_s=retry_after_s)


class ServiceUnavailableError(TransientServiceError):
    """The service failed, or something between answered in its place.

    Nobody can tell from outside whether a 5xx came before or after the request was acted on
    (a gateway's 502 and 504 often come after), so its answer counts as lost.
    """

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message, answer_lost=True, retry_after_s=retry_after_s)


class ConnectionFailedError(TransientServiceError):
    """The connection could not be made, or broke."""
