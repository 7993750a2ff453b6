"""Settings, secrets, logging and the local Prefect server: all that comes from outside."""

from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[1]
