"""One JSON object on stdout, as `--json` has it."""

import json
import sys
from datetime import datetime
from typing import Any

from fermata.quoting import steers_nothing


def print_object(content: dict[str, Any]) -> None:
    """Prints one JSON object on stdout."""
    text = json.dumps(content, default=datetime.isoformat, ensure_ascii=False)
    sys.stdout.write(f"{steers_nothing(text)}\n")
