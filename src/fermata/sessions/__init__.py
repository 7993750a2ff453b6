"""What is kept of a live session under the data folder: `docs/sessions.md` tells users.

```
SessionPlan ──▶ SessionKeeper ──▶ session.json, turns.jsonl     while it runs
                      └──▶ completion ──▶ tables, transcript.json, session.json   at its end
  turns.jsonl ──▶ recover ──▶ rebuilding ──┘                      after a kill
```
"""

from typing import TYPE_CHECKING

from fermata.deferred import deferred

if TYPE_CHECKING:
    from fermata.sessions.keeper import SessionKeeper
    from fermata.sessions.plan import SessionPlan, checked_session_name, new_session_name
    from fermata.sessions.recovery import recover
else:
    __getattr__ = deferred(__name__)

__all__ = [
    "SessionKeeper",
    "SessionPlan",
    "checked_session_name",
    "new_session_name",
    "recover",
]
