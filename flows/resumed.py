"""Whether a run goes on after somebody answered it; apart from what asks, which is slow to load."""

from prefect.context import FlowRunContext

PAUSE_KEY = "approval"
"""Under which a run is suspended, so that it asks once."""


def is_resumed() -> bool:
    """Whether this run was suspended for an answer before and goes on from the top now.

    Its calibration is in the table then, so a flow goes straight to `publish_run`.
    """
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        return False
    return PAUSE_KEY in (context.flow_run.empirical_policy.pause_keys or ())
