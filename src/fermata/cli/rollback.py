"""`fermata rollback`: what the command takes."""


def rollback(run_id: str = "", *, group: str | None = None, reason: str = "") -> None:
    """Put earlier settings in force again.

    The next run that publishes puts its own in their place; have it ask first to prevent that.

    Args:
        run_id: The run whose settings to go back to, as `fermata history` shows it; without,
            those from before the newest publication.
        group: Only this group's settings.
        reason: Why, for the history.
    """
    from fermata.cli.work.rollback import rollback as work  # noqa: PLC0415 - see work

    work(run_id, group=group, reason=reason)
