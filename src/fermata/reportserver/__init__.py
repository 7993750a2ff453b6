"""The reports of a data folder for browsers of this machine, behind a login; nothing else of it.

```
browser ──Host, Origin, login──▶ pages ──one name──▶ reports/ of the data folder
```
"""

from fermata.reportserver.pages import HEADERS, ReportPages
from fermata.reportserver.server import ReportServer

__all__ = ["HEADERS", "ReportPages", "ReportServer"]
