"""A model that answers from what it is asked, the same each time: it counts and quotes.

It takes the last paragraph of the last message for the matter in hand, without a label such as
`Transcript:` before it, and says how many words that has and which ones. No language model is at
work, and none is needed to see whether a question reached it whole.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_LABEL = re.compile(r"^[\w ]{1,40}:\s+")
_QUOTED_WORDS = 12


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model said, and what it took, in tokens (here: words)."""

    content: str
    finish_reason: str
    input_tokens: int
    output_tokens: int


def answer(messages: Sequence[str], max_tokens: int) -> Reply:
    """Answers the last of some messages.

    Args:
        messages: What was said so far, oldest first.
        max_tokens: How many words the answer may have.
    """
    content = _about(_matter(messages[-1] if messages else ""))
    words = content.split(" ")
    kept = words[:max_tokens]
    return Reply(
        content=" ".join(kept),
        finish_reason="stop" if len(kept) == len(words) else "length",
        input_tokens=sum(len(message.split()) for message in messages),
        output_tokens=len(kept),
    )


def _matter(message: str) -> str:
    """What a message is about."""
    paragraph = message.strip().rpartition("\n\n")[2]
    return _LABEL.sub("", paragraph.strip())


def _about(matter: str) -> str:
    """The answer."""
    words = matter.split()
    quote = " ".join(words[:_QUOTED_WORDS])
    more = " …" if len(words) > _QUOTED_WORDS else ""
    noun = "word" if len(words) == 1 else "words"
    return f"{len(words)} {noun}: “{quote}{more}”" if words else "0 words."
