"""Puts on every log handler of this process what keeps secrets and stray line breaks out."""

import logging

from fermata.log_text import OneLineFilter
from fermata.redact import RedactingFilter

# Fermata's own packages log through plain `logging`.
LOGGERS = ("fermata", "tasks", "flows")
_PREFECT_LOGGERS = ("prefect", "prefect.extra", "prefect.flow_runs", "prefect.task_runs")


def set_up_logging() -> None:
    """Lets Fermata's INFO lines through and masks secrets on all handlers, ours and Prefect's."""
    redacting = RedactingFilter()
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.INFO)
    for name in ("", *LOGGERS, *_PREFECT_LOGGERS):
        for handler in logging.getLogger(name).handlers:
            _replace_filter(handler, redacting)
            _replace_filter(handler, OneLineFilter(LOGGERS))


def _replace_filter(handler: logging.Handler, ours: logging.Filter) -> None:
    for earlier in [each for each in handler.filters if type(each) is type(ours)]:
        handler.removeFilter(earlier)
    handler.addFilter(ours)
