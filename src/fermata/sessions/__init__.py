"""What is kept of a live session under the data folder: `docs/sessions.md` tells users.

```
SessionPlan ──▶ SessionKeeper (an Observer) ──▶ sessions/<session>/session.json turns.jsonl …
                recover (after a kill)      ──▶ streamed_turns/ streamed_words/
```
"""

from fermata.sessions.keeper import SessionKeeper
from fermata.sessions.plan import SessionPlan, checked_session_name, new_session_name
from fermata.sessions.recovery import recover

__all__ = [
    "SessionKeeper",
    "SessionPlan",
    "checked_session_name",
    "new_session_name",
    "recover",
]
