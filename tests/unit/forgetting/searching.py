"""Which files speak of something, compressed or not: a search of every byte."""

import gzip
import json
from collections.abc import Iterable
from pathlib import Path

import pyarrow.parquet as pq


def places_with(folder: Path, needles: Iterable[str]) -> set[str]:
    """The files below a folder that hold one of the texts, in content or in name."""
    wanted = [each for text in needles for each in _spellings(text)]
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and _holds(path, wanted)
    }


def _spellings(text: str) -> set[bytes]:
    """How it stands in a text, in JSON, and in UTF-16."""
    return {text.encode(), json.dumps(text)[1:-1].encode(), text.encode("utf-16-le")}


def _holds(path: Path, wanted: list[bytes]) -> bool:
    content = path.name.encode() + b"\n" + path.read_bytes()
    if path.suffix == ".gz":
        content += gzip.decompress(path.read_bytes())
    if path.suffix == ".parquet":
        content += json.dumps(pq.read_table(path).to_pylist(), default=str).encode()
    return any(each in content for each in wanted)
