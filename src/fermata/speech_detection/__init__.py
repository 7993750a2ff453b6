"""Where somebody speaks, and for how long: Silero's voice probabilities, used by all who ask."""
