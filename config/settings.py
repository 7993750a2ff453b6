"""Every setting, from the environment or `.env`, checked once.

Environment variables win over `.env` in the current folder, which wins over `.env` at the
project's root, which wins over the defaults. `.env.example` lists them all.
"""

import os
from contextlib import suppress
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from pydantic import (
    AliasChoices,
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from config import PROJECT_ROOT
from config.env_files import check_env_file
from config.environment_secrets import remember_secrets_in
from config.proxies import settle_proxies
from fermata.errors import UsageError


class TaskRunner(StrEnum):
    """Where the tasks of a flow run that keep a processor busy."""

    THREADS = "threads"
    DASK = "dask"


class Settings(BaseSettings):
    """Fermata's settings; each field is the variable `FERMATA_<FIELD>` unless it names its own."""

    model_config = SettingsConfigDict(
        env_prefix="FERMATA_",
        env_file=(PROJECT_ROOT / ".env", ".env"),
        # Editors on Windows put a mark in front, which would become part of the first name.
        env_file_encoding="utf-8-sig",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        # A key in the wrong variable must not be printed back.
        hide_input_in_errors=True,
        allow_inf_nan=False,
    )

    assemblyai_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("ASSEMBLYAI_API_KEY")
    )
    gladia_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("GLADIA_API_KEY")
    )
    assemblyai_base_url: str = "https://api.assemblyai.com"
    assemblyai_streaming_url: str = "wss://streaming.assemblyai.com/v3/ws"
    llm_gateway_url: str = "https://llm-gateway.assemblyai.com/v1"
    gladia_base_url: str = "https://api.gladia.io"
    assemblyai_key_block: str | None = None
    gladia_key_block: str | None = None
    recordings: Annotated[tuple[str, ...], NoDecode] = ()
    nightly_cron: str = "30 2 * * *"
    nightly_timezone: str = "UTC"
    notification_block: str | None = None
    submissions_per_minute: int | None = Field(default=None, ge=2)
    live_sessions_per_minute: int | None = Field(default=None, ge=2)
    data_dir: str = "./data"
    ledger_url: str | None = None
    speech_models: Annotated[tuple[str, ...], NoDecode] = ("universal-3-5-pro", "universal-2")
    language_detection: bool = False
    streaming_model: str = "u3-rt-pro"
    stream_silent_s: float = Field(default=15.0, ge=6, le=300)
    stream_flush_s: float = Field(default=2.0, ge=0, le=10)
    llm_fallback_models: Annotated[tuple[str, ...], NoDecode] = ()
    presets_file: str = str(PROJECT_ROOT / "config" / "presets.toml")
    scope: str = ""
    preset_pairs: str | None = None
    detection_delay_ms: NonNegativeInt | None = None
    complete_read_as_open: float | None = Field(default=None, ge=0, le=1)
    open_read_as_complete: float | None = Field(default=None, ge=0, le=1)
    prices_file: str = str(PROJECT_ROOT / "config" / "prices.toml")
    keep_transcripts_days: PositiveInt | None = None
    keep_audio_days: PositiveInt | None = None
    keep_sessions_days: PositiveInt | None = None
    keep_streamed_days: PositiveInt | None = None
    keep_reports_days: PositiveInt | None = None
    transcripts_in_prefect: bool = False
    delete_at_service: bool = False
    max_concurrent_recordings: PositiveInt = 50
    upload_workers: PositiveInt = 8
    poll_interval_s: PositiveFloat = 3.0
    poll_deadline_s: PositiveFloat = 900.0
    claim_lease_s: PositiveFloat = 30.0
    submission_doubt_s: PositiveFloat = 120.0
    send_again: Annotated[tuple[str, ...], NoDecode] = ()
    max_audio_hours_per_run: PositiveFloat | None = None
    max_failed_share: float = Field(default=1.0, ge=0, le=1)
    task_runner: TaskRunner = TaskRunner.THREADS
    dask_address: str | None = None
    dask_workers: PositiveInt | None = None
    chunk_deployment: str | None = None
    chunk_size: PositiveInt = 200
    task_retry_delays_s: Annotated[tuple[float, ...], NoDecode] = (5.0, 30.0)
    allow_insecure_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    prefect_port: int = Field(default=4200, ge=1, le=65_535)
    reports_port: int = Field(default=4201, ge=0, le=65_535)
    reports_url: str | None = None

    @field_validator(
        *("recordings", "speech_models", "llm_fallback_models"),
        *("allow_insecure_hosts", "task_retry_delays_s", "send_again"),
        mode="before",
    )
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("speech_models")
    @classmethod
    def _at_least_one_model(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("name at least one speech model")
        return value

    @field_validator("reports_url")
    @classmethod
    def _web_address_without_login(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        # It stands in artifacts, which all who see the UI can read.
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            raise ValueError("give an http(s) address without user and password")
        return value.rstrip("/")

    @field_validator("nightly_timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("name a time zone such as Europe/Berlin") from None
        return value


def _remember_secrets() -> None:
    """Has all secrets of this process masked: whatever it does, it reads the settings first."""
    for path in _env_files():
        # One that cannot be read is told of as the settings are.
        with suppress(OSError, ValueError):
            remember_secrets_in(dotenv_values(path, encoding="utf-8-sig"))
    remember_secrets_in(os.environ)


def _env_files() -> tuple[Path, ...]:
    files: Any = Settings.model_config["env_file"]
    return tuple(map(Path, files or ()))


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once.

    Raises:
        UsageError: a variable holds a value that it cannot hold, or a `.env` can't be read.
    """
    _remember_secrets()
    settle_proxies()
    for path in _env_files():
        check_env_file(path)
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = "_".join(str(part) for part in first["loc"][:1])
        variable = name if name.isupper() else f"FERMATA_{name.upper()}"
        raise UsageError(f"{variable}: {first['msg']}; see .env.example") from None
