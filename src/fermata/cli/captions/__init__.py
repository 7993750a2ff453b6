"""Live captions: what a person, or a program, sees of a session while it runs.

```
           ┌▶ TerminalCaptions   Feed above, Area below, drawn by rich
Captions ──┼▶ PlainCaptions      Feed
           └▶ JsonCaptions       the lines of turns.jsonl
```
"""

from collections.abc import Callable, Sequence

from rich.console import Console

from fermata.cli.captions.base import Captions
from fermata.cli.captions.json_lines import JsonCaptions
from fermata.cli.captions.plain import PlainCaptions
from fermata.cli.captions.terminal import TerminalCaptions

__all__ = ["Captions", "captions_for", "json_captions"]


def captions_for(console: Console, channel_names: Sequence[str]) -> Captions:
    """Captions for people: live ones on a terminal, plain lines elsewhere.

    Args:
        console: Where they go.
        channel_names: Those of the source.
    """
    if console.is_interactive:
        return TerminalCaptions(console, channel_names)
    return PlainCaptions(console, channel_names)


def json_captions(write: Callable[[str], object], session: str) -> Captions:
    """Captions for programs: one JSON object per line, the same as in `turns.jsonl`.

    Args:
        write: Takes each line with its line break.
        session: The session's name, which stands in the first line and the last.
    """
    return JsonCaptions(write, session)
