"""What can go wrong with the ledger.

```
FermataError
└── LedgerError
    ├── LedgerUnavailableError      the database can't be reached, or is busy for too long
    ├── LedgerDamagedError          it is no ledger, or a torn one; the command exits with 2
    ├── ClaimLostError              another run has taken over this recording
    └── UnknownJobError             the job was never planned
```
"""

from fermata.errors import FermataError, UsageError


class LedgerError(FermataError):
    """The ledger can't do what was asked."""


class LedgerUnavailableError(LedgerError):
    """The database can't be reached, or is busy for too long."""


class LedgerDamagedError(LedgerError, UsageError):
    """What is there is no ledger, or a torn one: it must be taken away and is rebuilt then."""


class ClaimLostError(LedgerError):
    """The claim ran out and another run may have taken over: nothing may be sent any more."""


class UnknownJobError(LedgerError):
    """The job was never planned."""
