"""What the bundled recordings say: every text, voice and planned gap, written for Fermata.

A gap is the silence between the end of one turn and the start of the next, in milliseconds;
a negative gap starts the next turn before the previous one has ended. Speaker A opens.
"""

from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance, and how long after the end of the previous one it starts."""

    speaker: str
    text: str
    gap_ms: int = 0


@dataclass(frozen=True, slots=True)
class Conversation:
    """One file to make; with two channels, speaker A is on the first and B on the second."""

    name: str
    sample_rate_hz: int
    channels: int
    voices: dict[str, str]
    turns: tuple[Turn, ...]

    @property
    def group(self) -> str:
        """The sub-folder, which is what the recordings are grouped by."""
        return PurePosixPath(self.name).parts[0]


CONVERSATIONS = (
    Conversation(
        name="ivr/bank_balance.wav",
        sample_rate_hz=8000,
        channels=1,
        voices={"A": "slt", "B": "rms"},
        turns=(
            Turn("A", "welcome to the bank how can we help you today"),
            Turn("B", "i would like to know how much money i have", 420),
            Turn("A", "please tell me the name of your city", 400),
            Turn("B", "i live in new york", 450),
            Turn("A", "there are nine hundred dollars in it", 410),
            Turn("B", "that is all for today", 430),
        ),
    ),
    Conversation(
        name="ivr/dinner_order.wav",
        sample_rate_hz=8000,
        channels=2,
        voices={"A": "slt", "B": "awb"},
        turns=(
            Turn("A", "what would you like us to make for you"),
            Turn("B", "i would like some chicken with rice", 240),
            Turn("A", "and would you like some water", 200),
            Turn("B", "just a small bottle of water please", 310),
            Turn("A", "it will be there in half an hour", 260),
            Turn("B", "that is very good", 290),
        ),
    ),
    Conversation(
        name="ivr/lost_parcel.wav",
        sample_rate_hz=16000,
        channels=1,
        voices={"A": "rms", "B": "slt"},
        turns=(
            Turn("A", "is this about a letter or a box"),
            Turn("B", "it is about a box from last week", 440),
            Turn("A", "was it sent to your house", 400),
            Turn("B", "no it was sent to the office", 460),
            Turn("A", "it will be there in the morning", 420),
        ),
    ),
    Conversation(
        name="ivr/taxi_interrupted.wav",
        sample_rate_hz=16000,
        channels=2,
        voices={"A": "slt", "B": "rms"},
        turns=(
            Turn("A", "where would you like to go today"),
            Turn("B", "i need to get to the train station", 280),
            Turn("A", "is it the station in the south or in the north", -350),
            Turn("B", "the one in the north", 220),
            Turn("A", "the driver will be there in ten minutes", 330),
            Turn("B", "that is too late for me", -420),
        ),
    ),
    Conversation(
        name="support/broken_printer.wav",
        sample_rate_hz=16000,
        channels=1,
        voices={"A": "awb", "B": "slt"},
        turns=(
            Turn("A", "good morning what can i do for you"),
            Turn("B", "my printer does not work today", 720),
            Turn("A", "is there a red light on the front", 880),
            Turn("B", "yes there is a small red light", 1020),
            Turn("A", "then you have to open the door on the left", 760),
            Turn("B", "now the light is green", 970),
        ),
    ),
    Conversation(
        name="support/slow_phone.wav",
        sample_rate_hz=8000,
        channels=1,
        voices={"A": "slt", "B": "rms"},
        turns=(
            Turn("A", "please tell me what i can do for you"),
            Turn("B", "my phone has been slow for three days", 1300),
            Turn("A", "have you turned it off and on again", 1100),
            Turn("B", "yes but it did not help me at all", 1750),
            Turn("A", "you will have a new one by the end of the week", 1500),
        ),
    ),
    Conversation(
        name="support/doctor_visit.flac",
        sample_rate_hz=16000,
        channels=2,
        voices={"A": "awb", "B": "slt"},
        turns=(
            Turn("A", "tell me when the pain started"),
            Turn("B", "i think it was the second week of may", 1900),
            Turn("A", "does it hurt when you walk", 1250),
            Turn("B", "i feel it when i walk up the hill", 2200),
            Turn("A", "i want to see you again next month", 1600),
        ),
    ),
)
