"""The language model: what it is shown, how it is asked, and what becomes of its answer.

`prompt` makes what it is shown, `reading` reads what it answers in the `form`, `checking` has that
checked, and `responder` decides what is done and said. What it may answer from comes from
`agentbot.pipeline.knowledge`; `masking` takes personal data out of it. Only `openai_chat` imports
``openai``, which takes long to load.
"""
