"""What one session with the service will cost: its own word, or our measurement."""

from dataclasses import replace

from fermata.live.link import Link
from fermata.live.report import ProviderSession


def billed(session_id: str, link: Link, sent_s: float, lasted_s: float) -> ProviderSession:
    """Sums up a session that is over.

    Args:
        session_id: The service's name for it.
        link: The connection it ran on, closed by now.
        sent_s: How much audio was sent in it.
        lasted_s: How long the connection was open, which is what the service bills.
    """
    ended, error = link.ended, link.failure
    billed_s = ended.billed_s if ended else None
    return ProviderSession(
        session_id=session_id,
        sent_s=sent_s,
        audio_s=ended.audio_s if ended else None,
        billed_s=lasted_s if billed_s is None else billed_s,
        billed_is_estimated=billed_s is None,
        error=None if error is None else str(error),
    )


def resumed(before: ProviderSession, after: ProviderSession) -> ProviderSession:
    """One session of two connections, as earlier versions had them: it is billed once.

    Args:
        before: The session as its first connections came to it.
        after: The same session after it was taken up again; counts what it was sent in all.
    """
    billed_s = after.billed_s
    if after.billed_is_estimated:
        billed_s += before.billed_s
    connections = before.connections + after.connections
    return replace(after, billed_s=billed_s, connections=connections)
