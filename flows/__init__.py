"""Flows: what a person or a schedule starts. Each fits one screen; tasks do the work."""
