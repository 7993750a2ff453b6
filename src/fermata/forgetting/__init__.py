"""One call removed everywhere: from the data folder, the ledger, the services, and what shows runs.

```
calls ──▶ forgetting ──▶ tombstones   what was forgotten, and what of it is still to be done
             ├──▶ erasing             archive, tables, reports, sessions
             └──▶ ledger, services, records of runs
```

A tombstone is written first and names what is to go, so that a kill at any moment leaves a run
that the next one finishes; in the end it holds a content hash and a time alone. It stands in the
data folder and in the ledger, and each is put back from the other, so a recording that was
forgotten is never sent again, whichever of them is lost.
"""

from typing import TYPE_CHECKING

from fermata.deferred import deferred

if TYPE_CHECKING:
    from fermata.forgetting.calls import find_calls
    from fermata.forgetting.forgetting import Forgetting, Forgotten, Places, finish, forget
    from fermata.forgetting.tombstones import (
        AtService,
        CallKind,
        Left,
        Tombstone,
        remember_forgotten,
        unfinished,
    )
else:
    __getattr__ = deferred(__name__)

__all__ = [
    "AtService",
    "CallKind",
    "Forgetting",
    "Forgotten",
    "Left",
    "Places",
    "Tombstone",
    "find_calls",
    "finish",
    "forget",
    "remember_forgotten",
    "unfinished",
]
