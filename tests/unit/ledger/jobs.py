"""Jobs to put into ledgers."""

import hashlib

from fermata.ledger import JobKey, Ledger, PlannedJob

SERVICE = "https://api.example.com"
UPLOAD = "https://cdn.example.com/upload/1"
LEASE_S = 30.0


def key_of(name: str) -> JobKey:
    return JobKey(hashlib.sha256(name.encode()).hexdigest(), "0123456789ab")


def planned(name: str = "talk.wav", **changes: object) -> PlannedJob:
    values = {
        "key": key_of(name),
        "name": name,
        "uri": f"/recordings/{name}",
        "group": "office",
        "engine": "assemblyai",
        "speech_models": ("universal-3-5-pro", "universal-2"),
        "duration_s": 12.5,
        "channels": 1,
        "batch": "2026-11-21",
        "run_id": "run-1",
    }
    return PlannedJob(**{**values, **changes})  # type: ignore[arg-type]


def plan(ledger: Ledger, *names: str) -> list[JobKey]:
    ledger.plan(planned(name) for name in names)
    return [key_of(name) for name in names]


def submit(ledger: Ledger, key: JobKey, transcript_id: str = "t-1") -> None:
    claim = ledger.claim(key, LEASE_S)
    assert claim is not None
    with claim:
        claim.uploaded(UPLOAD, SERVICE)
        claim.attempting()
        claim.submitted(transcript_id)


def leave_in_doubt(ledger: Ledger, key: JobKey) -> None:
    """A submission was sent, and nobody learned what became of it."""
    claim = ledger.claim(key, LEASE_S)
    assert claim is not None
    with claim:
        claim.uploaded(UPLOAD, SERVICE)
        claim.attempting()
