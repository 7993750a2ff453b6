"""`fermata rollback`: what the command takes."""


def rollback(
    run_id: str = "", *, group: str | None = None, scope: str = "", reason: str = ""
) -> None:
    """Put earlier settings in force again.

    A night that publishes without asking puts its own in their place; have it ask first to
    prevent that.

    Args:
        run_id: The run whose settings to go back to, by its id or the beginning of it, as
            `fermata history` shows it; without, those from before the newest publication.
        group: Only this group's settings.
        scope: In which scope; that of FERMATA_SCOPE or the main one without.
        reason: Why, for the history; asked for in a terminal.
    """
    from fermata.cli.work.rollback import rollback as work  # noqa: PLC0415 - see work

    work(run_id, group=group, scope=scope, reason=reason)
