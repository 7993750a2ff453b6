"""The offline engine: sound in, words with times out.

``vad`` finds where somebody speaks, ``edges`` sets the borders of that speech to the
sound itself, ``words`` recognises what was said, ``transcribe`` puts the three
together per channel, and ``worker``/``pool`` run it in processes of its own.
"""
