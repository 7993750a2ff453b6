"""The report of a run as one HTML file that needs nothing else: no network, no script.

```
Page (figures, findings, deciding pauses) ──plots──▶ SVG ──┐
                                          ──template──────▶ HTML
```
"""

from typing import TYPE_CHECKING

from fermata.deferred import deferred

if TYPE_CHECKING:
    from fermata.report.page.models import Lengths, Page, ShownPause
    from fermata.report.page.render import render_page
else:
    __getattr__ = deferred(__name__)

__all__ = ["Lengths", "Page", "ShownPause", "render_page"]
