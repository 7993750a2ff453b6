"""The streaming side of the local server: AssemblyAI's v3 WebSocket API and its tokens.

`socket` holds the sessions, `session` what one of them does, `turn_rule` when a turn ends,
`hearing` what is heard in the audio; the rest are the rules they go by. See
docs/local-server-streaming.md.
"""
