"""Prefect tasks, one file a verb: unpack, call the library, log one line, return a small value."""
