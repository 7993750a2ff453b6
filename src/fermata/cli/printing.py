"""One JSON object on stdout, as `--json` has it."""

import json
import sys
from datetime import datetime
from typing import Any


def print_object(content: dict[str, Any]) -> None:
    """Prints one JSON object on stdout."""
    sys.stdout.write(json.dumps(content, default=datetime.isoformat, ensure_ascii=False) + "\n")
