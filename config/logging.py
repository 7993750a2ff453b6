"""Puts the redaction of secrets on every log handler of this process."""

import logging

from config.secrets import secrets
from fermata.redact import RedactingFilter

# Fermata's own packages log through plain `logging`.
LOGGERS = ("fermata", "tasks", "flows")
_PREFECT_LOGGERS = ("prefect", "prefect.extra", "prefect.flow_runs", "prefect.task_runs")


def set_up_logging() -> None:
    """Lets Fermata's INFO lines through and masks keys on all handlers, ours and Prefect's."""
    redacting = RedactingFilter(secrets())
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.INFO)
    for name in ("", *LOGGERS, *_PREFECT_LOGGERS):
        for handler in logging.getLogger(name).handlers:
            _replace_filter(handler, redacting)


def _replace_filter(handler: logging.Handler, redacting: RedactingFilter) -> None:
    for earlier in [each for each in handler.filters if isinstance(each, RedactingFilter)]:
        handler.removeFilter(earlier)
    handler.addFilter(redacting)
