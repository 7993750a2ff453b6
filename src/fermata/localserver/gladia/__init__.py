"""Gladia's live API (v2) on the local server.

`rest` begins sessions and tells what became of them, `socket` holds their connections, `session`
is what outlives a lost one, `utterance_rule` says when an utterance ends. What is heard comes
from `fermata.localserver.streaming`.
"""
