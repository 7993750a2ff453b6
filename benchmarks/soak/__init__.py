"""The soak: kills, faults, hostile files and broken streams by the hundred, with figures.

```
__main__ ──▶ kills ─────▶ night, place, service
         ──▶ faults ────▶ night, calls, service
         ──▶ mutations    transcripts that no service should send
         ──▶ heads        files that are not what their name says
         ──▶ streams      live sessions whose connections break
                          each fills a report; one broken invariant fails the soak
```
"""
