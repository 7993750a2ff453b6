"""What a streaming service has to offer, so that a live session can run on it."""

from typing import Protocol

from fermata.live.events import Event


class Connection(Protocol):
    """One open connection with a session that has begun.

    `send`, `finish` are called by one thread and `receive` by another one; `close` by either,
    or a third one. All raise `SessionError`.

    Attributes:
        session_id: The service's name for the session.
        expects_answers: Whether a language model is to answer each turn.
    """

    @property
    def session_id(self) -> str: ...  # noqa: D102 - see the class

    @property
    def expects_answers(self) -> bool: ...  # noqa: D102 - see the class

    def send(self, pcm: bytes) -> None:
        """Sends audio: 16-bit little-endian samples of one channel. Blocks a bounded time."""
        ...

    def receive(self, timeout_s: float) -> Event | None:
        """Waits for the next event, the first of them `Began`.

        Returns:
            The event, or None when none came within `timeout_s`. A message that says nothing is
            a `SignOfLife`.

        Raises:
            MalformedMessageError: A message can't be read; calling again goes on after it.
            SessionError: The connection is no more.
        """
        ...

    def finish(self) -> None:
        """Asks the service to end the session; what it still has to say comes before `Ended`."""
        ...

    def close(self) -> None:
        """Closes the connection within a bounded time and ends blocked calls; never raises."""
        ...


class Provider(Protocol):
    """A streaming service with the parameters of the sessions to be opened.

    Attributes:
        name: What a person calls it, such as `assemblyai`.
        shortest_frame_ms: The least audio that may be sent at once; 0 for any.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - see the class

    @property
    def shortest_frame_ms(self) -> int: ...  # noqa: D102 - see the class

    def connect(self, sample_rate_hz: int) -> Connection:
        """Opens a connection and waits, a bounded time, until its session has begun.

        Args:
            sample_rate_hz: Of the audio that will be sent.

        Raises:
            UsageError: This can't work, and nothing was sent.
            SessionError: The service can't be reached, or refuses.
        """
        ...

    def close(self) -> None:
        """Ends the sessions that outlived their connections, where they are within reach.

        Takes a bounded time and never raises; `connect` may be called again.
        """
        ...
