"""The root of every error that Fermata raises on purpose.

```
FermataError
├── UsageError              wrong use or configuration; the command exits with 2
└── ServiceError            a speech service, see fermata.assemblyai.errors
```

The text of an error is one line, made for the person who reads it: it says what is
wrong and what to do about it. It never holds a secret, and nothing in it steers a terminal.
"""

from fermata.quoting import visible
from fermata.redact import redacted


class FermataError(Exception):
    """Anything that Fermata can name and explain."""

    def __init__(self, message: str = "") -> None:
        """Takes secrets and what steers a terminal out of `message`, wherever they came from."""
        super().__init__(visible(redacted(message)))


class UsageError(FermataError):
    """Wrong use or configuration: nothing was started, and trying again won't help."""
