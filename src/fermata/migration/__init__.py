"""From Gladia to AssemblyAI: what becomes of each field of a live session's configuration."""

from fermata.migration.fates import Fate, FieldFate, Migration
from fermata.migration.migrate import migrate

__all__ = ["Fate", "FieldFate", "Migration", "migrate"]
