"""The root of every error that Fermata raises on purpose.

```
FermataError
├── UsageError              wrong use or configuration; the command exits with 2
└── ServiceError            a speech service, see fermata.assemblyai.errors
```

The text of an error is one line, made for the person who reads it: it says what is
wrong and what to do about it, and it never holds a secret.
"""


class FermataError(Exception):
    """Anything that Fermata can name and explain."""


class UsageError(FermataError):
    """Wrong use or configuration: nothing was started, and trying again won't help."""
