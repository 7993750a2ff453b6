"""The ledger's tables. Times are seconds since 1970 in UTC, by the database's clock."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

SCHEMA_VERSION = 1
"""Goes up with every change that an older Fermata would not understand."""

METADATA = MetaData()

REPLACED_TABLES = ("calibrated", "asked")
"""Of earlier versions: dropped as they knew no scopes, and what they held is found anew."""

LEDGER = Table(
    "ledger",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("schema_version", Integer, nullable=False),
)

JOBS = Table(
    "jobs",
    METADATA,
    Column("recording_id", String(64), primary_key=True),
    Column("options_hash", String(12), primary_key=True),
    Column("state", String(9), nullable=False),
    Column("name", Text, nullable=False),
    Column("uri", Text, nullable=False),
    Column("recording_group", Text, nullable=False),
    Column("engine", Text, nullable=False),
    Column("speech_models", JSON, nullable=False),
    Column("duration_s", Double),
    Column("channels", Integer),
    Column("batch", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("service", Text),
    Column("upload_url", Text),
    Column("attempted_at", Double),
    Column("transcript_id", Text),
    Column("reason", Text),
    Column("permanent", Boolean, nullable=False, default=False),
    Column("planned_at", Double, nullable=False),
    Column("submitted_at", Double),
    Column("settled_at", Double),
    Column("tabled_at", Double),
    Column("claim_owner", String(32)),
    Column("claim_until", Double),
    Index("jobs_by_state", "state", "engine"),
    Index("jobs_by_batch", "batch"),
    Index("jobs_by_transcript", "transcript_id"),
)

CALIBRATED = Table(
    "calibrated_in_scope",
    METADATA,
    Column("scope", Text, primary_key=True),
    Column("recording_id", String(64), primary_key=True),
    Column("options_hash", String(12), primary_key=True),
    # That of the job when it was calibrated; one settled anew since then has another.
    Column("settled_at", Double, nullable=False),
)

ASKED = Table(
    "asked_in_scope",
    METADATA,
    Column("scope", Text, primary_key=True),
    Column("recording_group", Text, primary_key=True),
    # What bears on the settings of the group besides its recordings, in one line.
    Column("asked", Text, nullable=False),
)

FILES = Table(
    "files",
    METADATA,
    # Not the URI itself: it may hold a password or a signature.
    Column("uri_sha256", String(64), primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("recording_id", String(64), nullable=False),
    Column("size_bytes", BigInteger),
    Column("duration_s", Double),
    Column("channels", Integer),
)

FORGOTTEN = Table(
    "forgotten",
    METADATA,
    # No name, no address: all that is left of a recording that somebody had forgotten.
    Column("recording_id", String(64), primary_key=True),
    Column("forgotten_at", Double, nullable=False),
)
