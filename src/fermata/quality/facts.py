"""The facts of a call, from its words and its turn-taking."""

from fermata.quality.models import CallFacts, CallSource
from fermata.turntaking import Conversation, TurnTaking


def facts_of(conversation: Conversation, found: TurnTaking, source: CallSource) -> CallFacts:
    """What the gates need to know of a call.

    Args:
        conversation: its words.
        found: its turn-taking.
        source: where it comes from.
    """
    raise NotImplementedError
