"""A calibration run from the library's side: what there is to do, and what became of it.

```
sources ──worklist──▶ new, open and known recordings ──(upload, submit, poll)──▶ ledger
                                        ledger + archive ──tabulate──▶ recordings, gaps
                                listing + tables ──outcome──▶ calibration and result
```
"""
