"""The LLM Gateway of the local server: its chat completions, and a model that needs no model.

`model` answers, `shapes` writes the answers as the service does, `rest` is the endpoint; the
streaming side asks `model` for each turn.
"""
