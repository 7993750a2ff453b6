"""A choice handed over to other stacks, in their own names and units. Pure: no file is touched.

```
recommendation ──▶ stacks ──▶ one module a stack ──▶ handover (forms, fates, notes)
                                                        │
                              present ──▶ changes ◀─────┘
```
"""

from typing import TYPE_CHECKING

from fermata.deferred import deferred

if TYPE_CHECKING:
    from fermata.export.changes import Change, changes_to, fitting_form, outdated_names
    from fermata.export.handover import Export, Form, SettingFate, Stack
    from fermata.export.present import Present, read_present
    from fermata.export.recommendation import Recommendation, recommendation_of
    from fermata.export.stacks import export
else:
    __getattr__ = deferred(__name__)

__all__ = [
    "Change",
    "Export",
    "Form",
    "Present",
    "Recommendation",
    "SettingFate",
    "Stack",
    "changes_to",
    "export",
    "fitting_form",
    "outdated_names",
    "read_present",
    "recommendation_of",
]
