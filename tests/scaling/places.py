"""Recordings, data and ledger where several machines reach them."""

from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pandas as pd
import psycopg

from fermata.storage import Storage
from tests.scaling.s3_server import BUCKET, S3Server


@dataclass(frozen=True)
class SharedPlace:
    """A data folder and a folder of recordings in S3, and a ledger in PostgreSQL."""

    s3: S3Server
    folder: str
    ledger_url: str

    @property
    def recordings(self) -> str:
        return f"s3://{BUCKET}/{self.folder}/recordings"

    @property
    def data(self) -> str:
        return f"s3://{BUCKET}/{self.folder}/data"

    @property
    def storage(self) -> Storage:
        return Storage(self.data)

    @property
    def settings(self) -> dict[str, str]:
        """The variables that lead every process here."""
        return {
            **self.s3.environment,
            "FERMATA_DATA_DIR": self.data,
            "FERMATA_LEDGER_URL": self.ledger_url,
        }

    def upload(self, folder: Path) -> None:
        """Puts the sounds of a local folder among the recordings."""
        for path in sorted(folder.rglob("*.wav")):
            key = f"{self.folder}/recordings/{path.relative_to(folder)}"
            self.s3.client().put_object(Bucket=BUCKET, Key=key, Body=path.read_bytes())

    def files(self, below: str) -> tuple[str, ...]:
        return self.storage.list(below)

    def table(self, name: str) -> pd.DataFrame:
        """A table as pandas reads its folder in S3."""
        return pd.read_parquet(f"{self.data}/{name}")

    def empty_ledger(self) -> None:
        """As when its database was lost and made anew."""
        with psycopg.connect(self.ledger_url, autocommit=True) as connection:
            connection.execute(
                "TRUNCATE jobs, calibrated_in_scope, asked_in_scope, files, forgotten"
            )

    def assert_each_is_there_once(self, recording_ids: list[str]) -> None:
        """In the archive and in the tables."""
        archived = [path.partition("/")[2].partition(".")[0] for path in self.files("transcripts")]
        assert sorted(archived) == sorted(recording_ids)
        assert sorted(self.table("recordings")["recording_id"]) == sorted(recording_ids)
        gaps = self.table("gaps")
        assert set(gaps["recording_id"]) == set(recording_ids)
        assert not gaps.duplicated(["recording_id", "index"]).any()


def shared_place(s3: S3Server, template: str) -> SharedPlace:
    """An empty one; `template` is that of a PostgreSQL server's URLs."""
    name = f"fermata_{uuid4().hex}"
    with psycopg.connect(template.format(name="postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return SharedPlace(s3, name, template.format(name=name))
