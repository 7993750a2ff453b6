"""What can end or break a live session, each with whether a new session may be tried.

```
FermataError
└── SessionError
    ├── DroppedError              the network, or the service without a word       soon
    │   └── StalledError          it takes no audio any more, or answers no ping   soon
│       └── SilentError       speech is sent to it, and it says nothing        soon
    ├── ServerError               an error on the service's side                   soon
    ├── EndedEarlyError           it ended the session though nobody asked it to   soon
    ├── SessionExpiredError       the longest a session may last is over           soon
    ├── InactivityError           no audio reached it for too long                 soon
    ├── NoBeginError              connected, but the session never began           soon
    ├── MalformedMessageError     it sent what can't be read; the session goes on  soon
├── NoTerminationError        it did not confirm the end                       soon
    ├── TooManySessionsError      as many sessions as the account may open         later
        ├── AuthenticationError       the key or the token                             never
    ├── BalanceError              the account                                      never
    ├── BadParameterError         what was asked for                               never
    ├── BadMessageError           what was sent was not understood                 never
    │   ├── FrameLengthError      a message with too little or too much audio      never
    │   └── MessageTooLongError   a message of too many bytes                      never
    ├── PacingError               audio sent faster than real time                 never
    ├── CertificateError          the service's certificate                        never
    └── RefusedError              any other refusal                                never
```

Texts hold no key and no address with a query.
"""

from enum import Enum
from typing import ClassVar

from fermata.errors import FermataError


class Retry(Enum):
    """When a new session may be tried."""

    NEVER = "never"
    SOON = "soon"
    LATER = "later"


class SessionError(FermataError):
    """A session could not be opened, or broke.

    Attributes:
        retry: When a new session may be tried; the same for all errors of a type.
        is_of_account: Whether it is the account's key or balance that is refused.
        code: The WebSocket's close code or the HTTP status, where there was one.
    """

    retry: ClassVar[Retry] = Retry.NEVER
    is_of_account: ClassVar[bool] = False

    def __init__(self, message: str, *, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class DroppedError(SessionError):
    """The connection could not be made, or was lost without a word (close code 1006)."""

    retry = Retry.SOON


class StalledError(DroppedError):
    """The connection stands, but the service takes no more audio or does not answer a ping."""


class SilentError(StalledError):
    """Speech is sent, and for too long the service has said nothing, not even that it lives."""


class ServerError(SessionError):
    """The service failed."""

    retry = Retry.SOON


class EndedEarlyError(SessionError):
    """The service ended the session in good order, but nobody had asked it to."""

    retry = Retry.SOON


class SessionExpiredError(SessionError):
    """The session lasted as long as a session may."""

    retry = Retry.SOON


class InactivityError(SessionError):
    """No message reached the service for longer than the session's inactivity timeout."""

    retry = Retry.SOON


class NoBeginError(SessionError):
    """The service took the connection, but did not begin the session in time."""

    retry = Retry.SOON


class MalformedMessageError(SessionError):
    """The service sent a message that can't be read; the connection itself still stands."""

    retry = Retry.SOON


class TooManySessionsError(SessionError):
    """The account has as many sessions, or opened as many in a minute, as it may."""

    retry = Retry.LATER


class NoTerminationError(SessionError):
    """The service did not confirm the end of the session: its last words may be missing."""

    retry = Retry.SOON


class AuthenticationError(SessionError):
    """The key or the token is missing, wrong or too old."""

    is_of_account = True


class BalanceError(SessionError):
    """The account has no money left, or no right to this feature."""

    is_of_account = True


class BadParameterError(SessionError):
    """The service refuses a parameter of the session."""


class BadMessageError(SessionError):
    """The service does not understand a message that was sent."""


class FrameLengthError(BadMessageError):
    """A message held too little or too much audio."""


class MessageTooLongError(BadMessageError):
    """A message held too many bytes."""


class PacingError(SessionError):
    """Audio was sent faster than real time for too long."""


class CertificateError(SessionError):
    """The service's certificate can't be trusted."""


class RefusedError(SessionError):
    """The service refuses the session for a reason of its own."""
