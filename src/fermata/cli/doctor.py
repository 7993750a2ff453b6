"""`fermata doctor`: what the command takes, which is nothing."""


def doctor() -> int:
    """Check the settings, keys, services, storage and sound, and say what to do.

    Exits with 1 if something is wrong that a run would stumble over.
    """
    from fermata.cli.work.doctor import doctor as work  # noqa: PLC0415 - see work

    return work()
