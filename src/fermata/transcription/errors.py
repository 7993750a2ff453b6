"""What can keep a recording from being submitted beside the service itself.

```
FermataError
└── TranscriptionError
    ├── RecordingBusyError          another run holds the recording
    └── SubmissionInDoubtError      an earlier submission may have been accepted
```
"""

from fermata.errors import FermataError


class TranscriptionError(FermataError):
    """A recording can't be submitted now."""


class RecordingBusyError(TranscriptionError):
    """Another run holds the recording; it will have the result."""


class SubmissionInDoubtError(TranscriptionError):
    """An earlier submission may have been accepted, and the service can't or won't tell."""
