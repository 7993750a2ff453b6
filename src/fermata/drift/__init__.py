"""Whether a group's calls are still what its settings were learned from, night by night.

```
models ◀── baseline ◀── chart ◀── assessment
       ◀── recognisers ◀────────── assessment
figures     a night's rows of the table `nights`, out of the other tables
```
"""
