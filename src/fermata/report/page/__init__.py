"""The report of a run as one HTML file that needs nothing else: no network, no script.

```
Page (figures, findings, deciding pauses) ──plots──▶ SVG ──┐
                                          ──template──────▶ HTML
```
"""

from fermata.report.page.models import Lengths, Page, ShownPause
from fermata.report.page.render import render_page

__all__ = ["Lengths", "Page", "ShownPause", "render_page"]
