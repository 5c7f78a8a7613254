"""The language model: what it is shown, how it is asked, and what becomes of its answer.

What it may answer from comes from `agentbot.pipeline.knowledge`. Only `openai_chat` imports
``openai``, which takes long to load.
"""
