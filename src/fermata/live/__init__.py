"""Live sessions: audio from a microphone or a file, sent in real time, heard back as turns.

Nothing here knows a provider: `fermata.assemblyai` and `fermata.gladia` plug into it.
"""
