"""The pauses that decide between two settings: which they are, what was said, how they sound.

```
table `silences` ──deciding_pauses──▶ DecidingPause… ──words_around──▶ what was said
                                                     ──cut_clip──────▶ a few seconds of audio
```
"""

from typing import TYPE_CHECKING

from fermata.deferred import deferred

if TYPE_CHECKING:
    from fermata.explain.clips import Clip, cut_clip
    from fermata.explain.pauses import DecidingPause, Effect, deciding_pauses
    from fermata.explain.words import Spoken, words_around
else:
    __getattr__ = deferred(__name__)

__all__ = [
    "Clip",
    "DecidingPause",
    "Effect",
    "Spoken",
    "cut_clip",
    "deciding_pauses",
    "words_around",
]
