"""`fermata publish`: what the command takes."""


def publish(run_id: str, *, group: str | None = None, reason: str = "") -> None:
    """Put the settings that a run has chosen in force.

    Args:
        run_id: The run, by its id or the beginning of it, as its result shows it.
        group: Only this group's settings.
        reason: Why, for the history.
    """
    from fermata.cli.work.publish import publish as work  # noqa: PLC0415 - see work

    work(run_id, group=group, reason=reason)
