"""What is done to the data folder from time to time: what is too old goes, small files merge.

```
retention ──▶ tidying ◀── tables.compaction
```
"""

from typing import TYPE_CHECKING

from fermata.deferred import deferred

if TYPE_CHECKING:
    from fermata.upkeep.retention import (
        Keep,
        expired_audio,
        expired_reports,
        expired_sessions,
        expired_streamed,
        expired_transcripts,
    )
    from fermata.upkeep.tidying import (
        DeleteAtService,
        DeleteShown,
        Tidied,
        Tidying,
        deleting_with,
        plan_tidying,
        tidy,
    )
else:
    __getattr__ = deferred(__name__)

__all__ = [
    "DeleteAtService",
    "DeleteShown",
    "Keep",
    "Tidied",
    "Tidying",
    "deleting_with",
    "expired_audio",
    "expired_reports",
    "expired_sessions",
    "expired_streamed",
    "expired_transcripts",
    "plan_tidying",
    "tidy",
]
