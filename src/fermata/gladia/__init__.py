"""Gladia live v2 as a provider of live sessions."""
