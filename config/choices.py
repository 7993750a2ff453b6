"""What a person chooses from, in commands and in the forms of flows.

Apart from what acts on it: a command line is explained, and refused, without loading that.
"""

from enum import StrEnum


class Engine(StrEnum):
    """What transcribes the recordings."""

    AUTO = "auto"
    ASSEMBLYAI = "assemblyai"
    LOCAL = "local"


class Publish(StrEnum):
    """When a run's settings are put in force.

    `AUTO` does it where none are, or where the run rests on at least the recordings that those
    in force rest on; `ASK` after a person has agreed.
    """

    AUTO = "auto"
    ASK = "ask"
    YES = "yes"
    NO = "no"


class StreamingProvider(StrEnum):
    """Who listens."""

    AUTO = "auto"
    ASSEMBLYAI = "assemblyai"
    GLADIA = "gladia"
    LOCAL = "local"


class PresetChoice(StrEnum):
    """Where the two silences come from."""

    AUTO = "auto"
    AGGRESSIVE = "aggressive"
    BALANCED = "balanced"
    CONSERVATIVE = "conservative"
